import type { Connection, SyncMessage } from '#shared/domain/connection.ts';
import { Failure } from '#shared/domain/errors.ts';
import { syncMessage } from './connect-instance.ts';
import { describeOutcome } from './describe-outcome.ts';
import type { Clock, ConnectionReader, ResyncLog, SyncQueue } from './ports.ts';
import type { SyncOutcome } from './sync-connection.ts';

export interface ResyncPorts {
  readonly connections: ConnectionReader;
  readonly log: ResyncLog;
  readonly queue: SyncQueue;
  readonly clock: Clock;
  /** Syncs here and now, for a caller who waits for the outcome. */
  readonly sync: (message: SyncMessage) => Promise<SyncOutcome>;
}

export interface ResyncRequest {
  readonly tenantId: string;
  /** Without it, every connection of the tenant. */
  readonly connectionId?: string | undefined;
  readonly requestedBy: string;
  readonly reason: string;
  readonly wait: boolean;
  readonly confirmShrink: boolean;
}

export interface ResyncResult {
  readonly connectionId: string;
  readonly outcome: SyncOutcome['kind'] | 'queued' | 'disconnected' | 'lease_held' | 'not_queued';
  readonly message: string;
}

/**
 * Support staff sync a tenant by hand. Who asked and why is recorded before anything happens.
 *
 * @throws Failure `not_found` where the tenant or the connection does not exist
 */
export async function requestResync(ports: ResyncPorts, request: ResyncRequest): Promise<ResyncResult[]> {
  const results: ResyncResult[] = [];
  for (const connection of await findConnections(ports.connections, request)) {
    results.push({ connectionId: connection.connectionId, ...(await resyncOne(ports, request, connection)) });
  }
  return results;
}

async function findConnections(
  connections: ConnectionReader,
  { tenantId, connectionId }: ResyncRequest,
): Promise<Connection[]> {
  if (connectionId !== undefined) return [await connections.get({ tenantId, connectionId })];
  const all = await connections.list(tenantId);
  if (all.length > 0) return all;
  throw new Failure(
    'not_found',
    `The tenant ${tenantId} has no connections. Check how the tenant id is spelled.`,
  );
}

async function resyncOne(
  { log, queue, clock, sync }: ResyncPorts,
  { requestedBy, reason, wait, confirmShrink }: ResyncRequest,
  connection: Connection,
): Promise<Omit<ResyncResult, 'connectionId'>> {
  const { tenantId, connectionId, status, leaseExpiresAt } = connection;
  const now = clock.now();
  await log.record({ tenantId, connectionId, requestedAt: now, requestedBy, reason, confirmShrink });
  if (status === 'disconnected') {
    return { outcome: 'disconnected', message: 'The tenant disconnected this instance; nothing to sync.' };
  }
  if (leaseExpiresAt !== null && Date.parse(leaseExpiresAt) > now.getTime()) {
    return {
      outcome: 'lease_held',
      message: 'A sync is already running. Look at the connection in a minute.',
    };
  }

  const message: SyncMessage = { ...syncMessage(connection, 'resync', now), confirmShrink };
  if (!wait) {
    const unsent = await queue.send([message]);
    return unsent.length === 0
      ? { outcome: 'queued', message: 'The sync is queued and starts within seconds.' }
      : { outcome: 'not_queued', message: 'The queue did not take the message. Try again.' };
  }
  const outcome = await sync(message);
  if (outcome.kind === 'skipped' && outcome.failure.code === 'lease_held') {
    return { outcome: 'lease_held', message: describeOutcome(outcome) };
  }
  return { outcome: outcome.kind, message: describeOutcome(outcome) };
}
