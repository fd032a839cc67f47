import {
  askedTooOften,
  connectionDisconnected,
  connectionNotFound,
  leaseHeld,
} from '#shared/aws/refusals.ts';
import type { Connection, ConnectionKey } from '#shared/domain/connection.ts';
import type { ConnectionStore } from '#shared/use-cases/ports.ts';
import { type MemoryState, type StoredConnection, textKey } from './state.ts';

export function createMemoryConnections(state: MemoryState): ConnectionStore {
  return {
    async get(key) {
      return structuredClone(find(state, key).connection);
    },

    async list(tenantId) {
      return [...state.connections.values()]
        .filter(({ connection, forgotten }) => !forgotten && connection.tenantId === tenantId)
        .map(({ connection }) => structuredClone(connection))
        .sort((a, b) => (a.connectionId < b.connectionId ? -1 : 1));
    },

    async connect({ now, nextSyncAt, name, tenantId, connectionId, ...facts }) {
      const key = { tenantId, connectionId };
      const stored = state.connections.get(textKey(key));
      const before = stored?.connection ?? blank(key, 0);
      const connection: Connection = {
        ...before,
        ...structuredClone(facts),
        name: name ?? before.name,
        status: 'pending',
        reason: null,
        failuresInRow: 0,
        connectedAt: before.connectedAt || now.toISOString(),
        credentialUpdatedAt: now.toISOString(),
        nextSyncAt: nextSyncAt.toISOString(),
      };
      state.connections.set(textKey(key), { connection, forgotten: false });
      return { connection: structuredClone(connection), created: stored?.forgotten ?? true };
    },

    async disconnect(key) {
      const { connection } = find(state, key);
      Object.assign(connection, { status: 'disconnected', reason: null, nextSyncAt: null });
      Object.assign(connection, { leaseExpiresAt: null, leaseToken: connection.leaseToken + 1 });
    },

    async forget(key) {
      const stored = state.connections.get(textKey(key));
      if (!stored || stored.forgotten) return;
      const { leaseToken, pendingVersion, abandonedVersions } = stored.connection;
      const kept = { ...blank(key, leaseToken + 1), pendingVersion, abandonedVersions };
      state.connections.set(textKey(key), { connection: kept, forgotten: true });
    },

    async requestSync(key, now, minIntervalMs) {
      const { connection } = find(state, key);
      if (connection.status === 'disconnected') throw connectionDisconnected();
      refuseWhileLeased(connection, now);
      const last = connection.lastRequestedAt;
      const allowedAtMs = last === null ? 0 : Date.parse(last) + minIntervalMs;
      if (allowedAtMs > now.getTime()) throw askedTooOften(allowedAtMs, now);
      connection.lastRequestedAt = now.toISOString();
      return structuredClone(connection);
    },
  };
}

export function find({ connections }: MemoryState, key: ConnectionKey): StoredConnection {
  const stored = connections.get(textKey(key));
  if (!stored || stored.forgotten) throw connectionNotFound();
  return stored;
}

export function refuseWhileLeased({ leaseExpiresAt }: Connection, now: Date): void {
  if (leaseExpiresAt !== null && Date.parse(leaseExpiresAt) > now.getTime()) {
    throw leaseHeld(leaseExpiresAt, now);
  }
}

function blank(key: ConnectionKey, leaseToken: number): Connection {
  return {
    tenantId: key.tenantId,
    connectionId: key.connectionId,
    instanceUrl: '',
    name: null,
    status: 'pending',
    reason: null,
    metabaseVersion: null,
    instanceId: null,
    connectedAt: '',
    credentialUpdatedAt: '',
    nextSyncAt: null,
    lastAttemptAt: null,
    lastSyncAt: null,
    lastRequestedAt: null,
    failuresInRow: 0,
    heldBack: null,
    summary: null,
    publishedVersion: null,
    pendingVersion: null,
    abandonedVersions: [],
    leaseToken,
    leaseExpiresAt: null,
  };
}
