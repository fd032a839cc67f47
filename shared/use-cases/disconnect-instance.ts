import type { ConnectionKey } from '#shared/domain/connection.ts';
import type { Clock, ConnectionStore, CredentialStore, SnapshotPurger } from './ports.ts';

interface DisconnectPorts {
  readonly connections: ConnectionStore;
  readonly credentials: CredentialStore;
  readonly snapshots: SnapshotPurger;
  readonly clock: Clock;
}

/**
 * Stops the schedule first, so that no sync looks for a key that is gone. Every step may be repeated: after an error
 * the same call goes on where it ended.
 *
 * @throws Failure `not_found`, `purge_incomplete`
 */
export async function disconnectInstance(
  { connections, credentials, snapshots, clock }: DisconnectPorts,
  key: ConnectionKey,
  options: { readonly purge: boolean },
  signal: AbortSignal,
): Promise<void> {
  await connections.disconnect(key, clock.now());
  await credentials.delete(key);
  if (!options.purge) return;
  await snapshots.purge(key, signal);
  await connections.forget(key, clock.now());
}
