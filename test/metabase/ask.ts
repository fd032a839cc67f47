import type { SampleMetabase } from './server.ts';

export type Reply = {
  status: number;
  type: string | null;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
};

/** Asks with the key of Administrators unless told otherwise; `key: null` asks as nobody. */
export async function ask(
  sample: SampleMetabase,
  path: string,
  { key, headers = {} }: { key?: string | null | undefined; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const secret = key === undefined ? sample.adminKey : key;
  const response = await fetch(`${sample.url}${path}`, {
    headers: secret === null ? headers : { 'x-api-key': secret, ...headers },
    redirect: 'manual',
  });
  const text = await response.text();
  const type = response.headers.get('content-type');
  const body = type?.startsWith('application/json') ? JSON.parse(text) : undefined;
  return { status: response.status, type, headers: response.headers, text, body };
}

export const idsOf = (rows: { id: number }[]): number[] => rows.map((row) => row.id).sort((a, b) => a - b);
