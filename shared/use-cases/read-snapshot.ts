import type { Connection, ConnectionKey } from '#shared/domain/connection.ts';
import { Failure } from '#shared/domain/errors.ts';
import type { License } from '#shared/domain/license.ts';
import type { Membership, User } from '#shared/domain/user.ts';
import type { ConnectionReader, SnapshotReader, UserQuery } from './ports.ts';

interface ReadPorts {
  readonly connections: ConnectionReader;
  readonly snapshots: SnapshotReader;
}

/** A user with the names of the groups, which the rows keep apart so that renaming a group touches no user. */
export type NamedUser = Omit<User, 'groups'> & {
  readonly groups: readonly (Membership & { name: string })[];
};

/** The snapshot that was read; null before the first one. */
export type SnapshotStamp = { readonly version: number; readonly takenAt: string | null } | null;

/** @throws Failure `not_found`, `malformed_request` for a bad cursor, `snapshot_moved` */
export async function readUsers(
  ports: ReadPorts,
  key: ConnectionKey,
  query: UserQuery,
): Promise<{ snapshot: SnapshotStamp; users: NamedUser[]; cursor: string | null }> {
  return withFreshView(ports.connections, key, query.cursor !== undefined, async (connection) => {
    if (connection.publishedVersion === null) return { snapshot: null, users: [], cursor: null };
    const [page, groups] = await Promise.all([
      ports.snapshots.users(key, connection, query),
      ports.snapshots.groups(key, connection),
    ]);
    const names = new Map(groups.map(({ id, name }) => [id, name]));
    const users = page.users.map((user) => ({
      ...user,
      groups: user.groups.map(({ id, isManager }) => ({ id, name: names.get(id) ?? '', isManager })),
    }));
    const takenAt = page.version === connection.publishedVersion ? connection.lastSyncAt : null;
    return { snapshot: { version: page.version, takenAt }, users, cursor: page.cursor };
  });
}

/** @throws Failure `not_found`, `snapshot_moved` */
export async function readLicenses(
  ports: ReadPorts,
  key: ConnectionKey,
): Promise<{ snapshot: SnapshotStamp; licenses: License[] }> {
  return withFreshView(ports.connections, key, false, async (connection) => {
    const { publishedVersion, lastSyncAt } = connection;
    if (publishedVersion === null) return { snapshot: null, licenses: [] };
    const licenses = await ports.snapshots.licenses(key, connection);
    return { snapshot: { version: publishedVersion, takenAt: lastSyncAt }, licenses };
  });
}

/** A snapshot may be replaced twice while a slow reader is at it; then the second look sees the new one. */
async function withFreshView<T>(
  connections: ConnectionReader,
  key: ConnectionKey,
  pinned: boolean,
  read: (connection: Connection) => Promise<T>,
): Promise<T> {
  try {
    return await read(await connections.get(key));
  } catch (error) {
    if (pinned || !(error instanceof Failure) || error.code !== 'snapshot_moved') throw error;
    return read(await connections.get(key));
  }
}
