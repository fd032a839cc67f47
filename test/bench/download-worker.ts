import { createHttpGet } from '#shared/metabase/http.ts';
import { answerWith } from './processes.ts';

export interface DownloadInput {
  readonly instanceUrl: string;
  readonly apiKey: string;
  /** As a sync asked for them, in its order. */
  readonly paths: readonly string[];
}

export interface DownloadAnswer {
  readonly wallMs: number;
}

/** What a sync cannot be faster than: the same answers, fetched as it does and thrown away. */
await answerWith<DownloadInput>(async ({ instanceUrl, apiKey, paths }): Promise<DownloadAnswer> => {
  const httpGet = createHttpGet({
    addressPolicy: 'private',
    maxResponseBytes: 64 * 2 ** 20,
    requestTimeoutMs: 30_000,
  });
  const signal = new AbortController().signal;
  const fetchAll = async (some: readonly string[]): Promise<void> => {
    for (const path of some) {
      const url = new URL(`${instanceUrl}${path}`);
      const { json } = await httpGet({
        url,
        signal,
        headers: { 'x-api-key': apiKey },
        meter: { requests: 0, bytes: 0 },
      });
      if (json === undefined) throw new Error(`No JSON at ${path}`);
    }
  };

  const startedMs = performance.now();
  // The first says who may ask; then the lists side by side, each of them page by page.
  const [first = '', ...others] = paths;
  await fetchAll([first]);
  const lists = Object.values(Object.groupBy(others, (path) => path.replace(/\?.*/, '')));
  await Promise.all(lists.map((list) => fetchAll(list ?? [])));
  return { wallMs: performance.now() - startedMs };
});
