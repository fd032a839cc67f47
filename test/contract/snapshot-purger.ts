import { beforeEach, describe, expect, it } from 'vitest';
import { someUser } from '#test/shared/domain/arbitraries.ts';
import type { StoragePorts } from '#test/support/ports.ts';
import { connectInput, key, minutesAfter, never, noon, otherKey, someHeader } from './examples.ts';
import { beginSync, collect, failureCode, readUsers, sync } from './sync.ts';

const people = Array.from({ length: 30 }, (_, i) => someUser({ id: i + 1 }));

/** What every SnapshotPurger guarantees. */
export function describeSnapshotPurger(name: string, makePorts: () => Promise<StoragePorts>): void {
  describe(`the snapshot purger ${name}`, () => {
    let ports: StoragePorts;
    beforeEach(async () => {
      ports = await makePorts();
      await ports.connections.connect(connectInput());
      await sync(ports, people, noon);
    });

    it('deletes rows, headers and changes, and nothing of another connection', async () => {
      await sync(ports, [], noon);
      await ports.snapshots.putHeader(key, someHeader(2), minutesAfter(noon, 60));
      const fresh = { version: 1, previous: null, seenVersion: null };
      const row = { ...fresh, id: 7, state: someUser() };
      await ports.snapshots.writeRows(otherKey, 'user', [row], noon, never);

      await ports.snapshots.purge(key, never);
      expect(await collect(ports.snapshots.rows(key, 'user'))).toEqual([]);
      expect(await ports.snapshots.header(key, 2)).toBeNull();
      expect(await collect(ports.snapshots.changes(key, await ports.connections.get(key), 0))).toEqual([]);
      expect(await collect(ports.snapshots.rows(otherKey, 'user'))).toHaveLength(1);
    });

    it('may be repeated', async () => {
      await ports.snapshots.purge(key, never);
      await ports.snapshots.purge(key, never);
      expect(await collect(ports.snapshots.rows(key, 'user'))).toEqual([]);
    });

    it('says that it is not finished when it is told to stop', async () => {
      expect(await failureCode(ports.snapshots.purge(key, AbortSignal.abort()))).toBe('purge_incomplete');
    });

    it('lets a connection that was purged and forgotten begin anew', async () => {
      await ports.connections.disconnect(key, noon);
      await ports.snapshots.purge(key, never);
      await ports.connections.forget(key, noon);
      await ports.connections.connect(connectInput());
      await sync(ports, [someUser({ id: 3 })], noon);
      expect((await readUsers(ports)).map(({ id }) => id)).toEqual([3]);
    });

    it('is not undone by a sync that still writes', async () => {
      const late = await beginSync(ports, [...people.slice(0, 20), someUser({ id: 99 })], noon);
      await ports.connections.disconnect(key, noon);
      await ports.snapshots.purge(key, never);
      await ports.connections.forget(key, noon);
      await late.write().catch(() => {});

      await ports.connections.connect(connectInput());
      expect(await readUsers(ports)).toEqual([]);
      await sync(ports, people.slice(0, 2), noon);
      expect((await readUsers(ports)).map(({ id }) => id)).toEqual([1, 2]);
    });
  });
}
