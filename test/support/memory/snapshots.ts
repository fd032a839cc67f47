import { decodeCursor, encodeCursor } from '#shared/aws/cursor.ts';
import { leaseLost } from '#shared/aws/refusals.ts';
import type { ConnectionKey } from '#shared/domain/connection.ts';
import { Failure } from '#shared/domain/errors.ts';
import type { States } from '#shared/domain/snapshot.ts';
import {
  type Entity,
  type EntityId,
  isPublished,
  type Row,
  type View,
  visible,
} from '#shared/domain/versioned-row.ts';
import type { SnapshotPurger, SnapshotReader, SnapshotWriter } from '#shared/use-cases/ports.ts';
import { type MemoryState, partitionOf, textKey } from './state.ts';

type Rows<E extends Entity> = Map<EntityId, Row<States[E]>>;

export function createMemorySnapshots(state: MemoryState): SnapshotWriter & SnapshotReader & SnapshotPurger {
  const rowsOf = <E extends Entity>(key: ConnectionKey, entity: E) =>
    partitionOf(state, key).rows[entity] as unknown as Rows<E>;
  const ordered = <E extends Entity>(key: ConnectionKey, entity: E) =>
    [...rowsOf(key, entity).values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((row) => structuredClone(row));
  const published = <E extends Entity>(key: ConnectionKey, entity: E, view: View) =>
    ordered(key, entity)
      .map((row) => visible(row, view).state)
      .filter((shown) => shown !== null);

  return {
    async *rows(key, entity) {
      yield* ordered(key, entity);
    },

    async writeRows(key, entity, writes, _now, signal) {
      const rows = rowsOf(key, entity);
      let written = 0;
      for (const { seenVersion, ...row } of writes) {
        signal.throwIfAborted();
        const stored = rows.get(row.id)?.version ?? null;
        if (stored !== seenVersion && stored !== row.version) throw leaseLost();
        rows.set(row.id, structuredClone(row));
        written += 1;
      }
      return written;
    },

    async logChanges(key, version, changes, _now, signal) {
      const log = partitionOf(state, key).changes;
      let written = 0;
      for (const change of changes) {
        signal.throwIfAborted();
        log.set(`${version} ${change.entity} ${change.id}`, structuredClone({ ...change, version }));
        written += 1;
      }
      return written;
    },

    async putHeader(key, header, expiresAt) {
      partitionOf(state, key).headers.set(header.version, structuredClone({ header, expiresAt }));
    },

    async users(key, view, { status, role, limit, cursor: text }) {
      const cursor = text === undefined ? null : decodeCursor(text, view);
      const version = cursor?.version ?? view.publishedVersion;
      const remaining = ordered(key, 'user').filter(({ id }) => Number(id) > (cursor?.after ?? -1));
      const users = [];
      for (const row of remaining) {
        const last = users[limit - 1];
        if (last && version) return { users, version, cursor: encodeCursor({ after: last.id, version }) };
        const user = visible(row, { ...view, publishedVersion: version }).state;
        if (user && (!status || user.status === status) && (!role || user.role === role)) users.push(user);
      }
      return { users, version: version ?? 0, cursor: null };
    },

    groups: async (key, view) => published(key, 'group', view),
    licenses: async (key, view) => published(key, 'license', view),

    async header(key, version) {
      return structuredClone(partitionOf(state, key).headers.get(version)?.header ?? null);
    },

    async *changes(key, view, sinceVersion) {
      yield* [...partitionOf(state, key).changes.values()]
        .filter(({ version }) => version > sinceVersion && isPublished(version, view))
        .sort((a, b) => b.version - a.version)
        .map((change) => structuredClone(change));
    },

    async purge(key, signal) {
      if (signal.aborted)
        throw new Failure('purge_incomplete', 'Send the same request again to delete the rest.');
      state.partitions.delete(textKey(key));
    },
  };
}
