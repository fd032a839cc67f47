import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { connectionStatuses } from '#shared/domain/connection.ts';
import { syncTimeoutSeconds } from '../limits.ts';
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
const patienceMs = (syncTimeoutSeconds + 30) * 1000;

const privateNetworkCure = 'For an instance on this machine or in its network, add --allow-private-network.';

export function createTenantApi(apiUrl: string, token: string, allowPrivateNetwork: boolean): TenantApi {
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
      const isRefused = type.endsWith(':address-not-allowed') && !allowPrivateNetwork;
      throw new Problem(isRefused ? `${detail} ${privateNetworkCure}` : detail);
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
export function explainStatus(
  connection: Pick<ShownConnection, 'tenantId' | 'connectionId' | 'status' | 'reason'>,
): string {
  const { tenantId, connectionId, status, reason } = connection;
  const why = reason?.message ?? `The connection is ${status.replace('_', ' ')}.`;
  if (status !== 'held_back') return why;
  const confirm = `npm run resync -- --tenant ${tenantId} --connection ${connectionId} --reason "..." --wait --confirm-shrink`;
  return `${why} To confirm it yourself, run npm start and, in another terminal: ${confirm}`;
}
