import { connectionDisconnected, leaseLost } from '#shared/aws/refusals.ts';
import type { Connection } from '#shared/domain/connection.ts';
import type { Lease, LeaseStore } from '#shared/use-cases/ports.ts';
import { find, refuseWhileLeased } from './connections.ts';
import { type MemoryState, textKey } from './state.ts';

const statusAfter = {
  needs_attention: 'needs_attention',
  backs_off: 'retrying',
  held_back: 'held_back',
} as const;

export function createMemoryLeases(state: MemoryState): LeaseStore {
  /** The connection, as long as this lease is the last one and was not given back. */
  const held = ({ tenantId, connectionId, token }: Lease): Connection => {
    const connection = state.connections.get(textKey({ tenantId, connectionId }))?.connection;
    if (connection?.leaseToken !== token || connection.leaseExpiresAt === null) throw leaseLost();
    return connection;
  };

  return {
    async acquire({ tenantId, connectionId }, now, leaseMs) {
      const { connection } = find(state, { tenantId, connectionId });
      if (connection.status === 'disconnected') throw connectionDisconnected();
      refuseWhileLeased(connection, now);
      if (connection.pendingVersion !== null) connection.abandonedVersions.push(connection.pendingVersion);
      const seen = structuredClone(connection);
      const token = connection.leaseToken + 1;
      Object.assign(connection, {
        leaseToken: token,
        pendingVersion: token,
        leaseExpiresAt: new Date(now.getTime() + leaseMs).toISOString(),
        lastAttemptAt: now.toISOString(),
      });
      return { tenantId, connectionId, token, connection: seen };
    },

    async publish(lease, { now, nextSyncAt, summary, metabaseVersion, instanceId }) {
      Object.assign(held(lease), {
        publishedVersion: lease.token,
        pendingVersion: null,
        leaseExpiresAt: null,
        status: 'active',
        reason: null,
        failuresInRow: 0,
        heldBack: null,
        summary: structuredClone(summary),
        metabaseVersion,
        instanceId,
        lastSyncAt: now.toISOString(),
        nextSyncAt: nextSyncAt.toISOString(),
      });
    },

    async fail(lease, { failure, now, nextSyncAt, heldBack, wroteRows }) {
      const connection = held(lease);
      connection.leaseExpiresAt = null;
      if (!wroteRows) connection.pendingVersion = null;

      const { code, message, outcome } = failure;
      const connectedAnew = connection.credentialUpdatedAt !== lease.connection.credentialUpdatedAt;
      if (outcome.connection === 'unchanged' || connectedAnew) return;
      const since = connection.reason?.code === code ? connection.reason.since : now.toISOString();
      connection.status = statusAfter[outcome.connection];
      connection.reason = { code, message, since };
      connection.failuresInRow += 1;
      connection.heldBack = heldBack ?? connection.heldBack;
      connection.nextSyncAt = nextSyncAt.toISOString();
    },
  };
}
