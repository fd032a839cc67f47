import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { connectionStatuses } from '#shared/domain/connection.ts';
import { Problem } from './problem.ts';

const connectionSchema = z.object({
  connectionId: z.string(),
  tenantId: z.string(),
  instanceUrl: z.string(),
  metabaseVersion: z.string().nullable(),
  status: z.enum(connectionStatuses),
  reason: z.object({ code: z.string(), message: z.string() }).nullable(),
  lastAttemptAt: z.string().nullable(),
  nextSyncAt: z.string().nullable(),
});
/** A connection as the HTTP API shows it. */
export type ShownConnection = z.infer<typeof connectionSchema>;

const problemSchema = z.object({ type: z.string(), detail: z.string() });

/** What helps on this machine beside what the problem itself says. */
const localCures: Record<string, string> = {
  'address-not-allowed': ' On this machine, --allow-private-network permits it.',
};

interface ConnectInput {
  readonly instanceUrl: string;
  readonly apiKey: string;
  readonly name?: string | undefined;
}

/** The HTTP API as a tenant sees it: what the demo does goes through the front door like anybody's request. */
export interface TenantApi {
  /** Connects and waits for the sync that follows. @throws Problem with the reason and its cure */
  connect(input: ConnectInput): Promise<ShownConnection>;
  get(connectionId: string): Promise<ShownConnection>;
  /** Resolves once the sync that followed `connected` has ended, well or badly. @throws Problem when it does not end */
  waitForSync(connected: ShownConnection, signal: AbortSignal): Promise<ShownConnection>;
}

const pollMs = 100;
/** Longer than the sync function may run. */
const patienceMs = 330_000;

export function createTenantApi(apiUrl: string, token: string): TenantApi {
  async function request(method: string, path: string, body?: unknown): Promise<ShownConnection> {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (response.ok) return connectionSchema.parse(answer);
    const problem = problemSchema.safeParse(answer);
    if (problem.success) {
      const { type, detail } = problem.data;
      throw new Problem(`${detail}${localCures[type.split(':').at(-1) ?? ''] ?? ''}`);
    }
    throw new Problem(`The HTTP API answered ${response.status} to ${method} ${path}. The logs tell more.`);
  }
  const get = (connectionId: string) => request('GET', `/v1/connections/${connectionId}`);

  return {
    connect: (input) => request('POST', '/v1/connections', input),
    get,
    async waitForSync({ connectionId, lastAttemptAt }, signal) {
      const giveUpAt = Date.now() + patienceMs;
      while (Date.now() < giveUpAt) {
        const connection = await get(connectionId);
        // Connecting makes it pending, and an attempt that began before does not count.
        if (connection.status !== 'pending' && connection.lastAttemptAt !== lastAttemptAt) return connection;
        await sleep(pollMs, undefined, { signal });
      }
      throw new Problem(`The sync has not ended after ${patienceMs / 1000} seconds. The logs tell more.`);
    },
  };
}

/** Why a connection is not active, and what to do about it. */
export function explainStatus({ status, reason }: Pick<ShownConnection, 'status' | 'reason'>): string {
  return reason?.message ?? `The connection is ${status.replace('_', ' ')}.`;
}
