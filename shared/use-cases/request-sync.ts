import type { Connection, ConnectionKey } from '#shared/domain/connection.ts';
import { Failure } from '#shared/domain/errors.ts';
import { syncMessage } from './connect-instance.ts';
import type { Clock, ConnectionStore, SyncQueue } from './ports.ts';

interface RequestSyncPorts {
  readonly connections: ConnectionStore;
  readonly queue: SyncQueue;
  readonly clock: Clock;
}

/** @throws Failure `not_found`, `disconnected`, `lease_held`, `too_many_requests` */
export async function requestSync(
  { connections, queue, clock }: RequestSyncPorts,
  key: ConnectionKey,
  minIntervalMs: number,
): Promise<Connection> {
  const now = clock.now();
  const connection = await connections.requestSync(key, now, minIntervalMs);
  const unsent = await queue.send([syncMessage(key, 'request', now)]);
  if (unsent.length > 0) throw new Failure('unexpected', 'The sync could not be queued. Please try again.');
  return connection;
}
