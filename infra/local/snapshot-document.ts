import { createConnectionReader } from '#shared/aws/connections.ts';
import { createSnapshotReader } from '#shared/aws/snapshot-reader.ts';
import type { Connection, ConnectionKey } from '#shared/domain/connection.ts';
import { countMembers } from '#shared/domain/group.ts';
import type { Header } from '#shared/domain/snapshot.ts';
import type { User } from '#shared/domain/user.ts';
import type { LocalStack } from './stack.ts';

export type SnapshotDocument = Awaited<ReturnType<typeof readSnapshotDocument>>;

const usersPerPage = 1000;

/** The published snapshot of a connection as one document, read from the tables by the rule that all readers follow. */
export async function readSnapshotDocument({ clients, tables }: LocalStack, key: ConnectionKey) {
  const client = clients.dynamoDb;
  const connection = await createConnectionReader({ client, tableName: tables.connections }).get(key);
  const reader = createSnapshotReader({ client, tableName: tables.snapshots });
  const version = connection.publishedVersion ?? 0;
  const header = await reader.header(key, version);
  if (!header) throw new Error(`Snapshot ${version} has no header`);

  const groups = await reader.groups(key, connection);
  const licenses = await reader.licenses(key, connection);
  const users: User[] = [];
  let cursor: string | undefined;
  do {
    const page = await reader.users(key, connection, { limit: usersPerPage, cursor });
    users.push(...page.users);
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  const changes = [];
  for await (const { entity, id, kinds } of reader.changes(key, connection, version - 1)) {
    for (const kind of kinds) changes.push({ kind, userId: entity === 'user' ? Number(id) : null });
  }

  const groupNames = new Map(groups.map(({ id, name }) => [id, name]));
  const memberCounts = countMembers(users);
  return {
    connection: describeConnection(connection),
    snapshot: {
      version,
      takenAt: header.takenAt,
      users: users.map((user) => describeUser(user, groupNames)),
      groups: groups.map(({ id, name }) => ({ id, name, memberCount: memberCounts.get(id) ?? 0 })),
      licenses: licenses.map(({ hosting: _hosting, monthlyPriceUsd: _price, ...license }) => license),
      // The log is read backwards.
      changes: changes.reverse(),
    },
    metrics: describeCost(header),
  };
}

function describeConnection({ connectionId, tenantId, instanceUrl, metabaseVersion, status }: Connection) {
  return { connectionId, tenantId, instanceUrl, metabaseVersion, status };
}

function describeUser({ seatReason: _, ...user }: User, groupNames: ReadonlyMap<number, string>) {
  const groups = user.groups.map(({ id, isManager }) => ({ id, name: groupNames.get(id) ?? '', isManager }));
  return { ...user, groups };
}

function describeCost({ metabaseRequests, metabaseBytes, userRowsWritten, durationMs }: Header) {
  return { metabaseRequests, metabaseBytes, userRowsWritten, durationMs };
}
