import type { Connection } from '#shared/domain/connection.ts';

/** A connection as tenants see it: no lease, no versions, and never the key. */
export function presentConnection(connection: Connection) {
  const { summary } = connection;
  return {
    connectionId: connection.connectionId,
    tenantId: connection.tenantId,
    instanceUrl: connection.instanceUrl,
    name: connection.name,
    status: connection.status,
    reason: connection.reason,
    metabaseVersion: connection.metabaseVersion,
    plan: summary?.plan ?? null,
    edition: summary?.edition ?? null,
    connectedAt: connection.connectedAt,
    credentialUpdatedAt: connection.credentialUpdatedAt,
    lastAttemptAt: connection.lastAttemptAt,
    lastSyncAt: connection.lastSyncAt,
    nextSyncAt: connection.nextSyncAt,
    users: summary && { total: summary.users, active: summary.activeUsers },
    seats: summary && { used: summary.seatsUsed, limit: summary.seatLimit },
  };
}
