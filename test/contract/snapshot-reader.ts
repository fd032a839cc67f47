import { beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '#shared/domain/change.ts';
import { undoChanges, userChange } from '#shared/domain/change.ts';
import type { User } from '#shared/domain/user.ts';
import { someUser } from '#test/shared/domain/arbitraries.ts';
import type { StoragePorts } from '#test/support/ports.ts';
import { connectInput, key, minutesAfter, never, noon, someHeader, someLicense } from './examples.ts';
import { beginSync, collect, failureCode, readUsers, readUsersAs, sync } from './sync.ts';

const people = Array.from({ length: 7 }, (_, i) => someUser({ id: i + 1 }));

/** What every SnapshotReader guarantees. */
export function describeSnapshotReader(name: string, makePorts: () => Promise<StoragePorts>): void {
  describe(`the snapshot reader ${name}`, () => {
    let ports: StoragePorts;
    beforeEach(async () => {
      ports = await makePorts();
      await ports.connections.connect(connectInput());
    });

    const view = () => ports.connections.get(key);
    const users = async (query: Parameters<StoragePorts['snapshots']['users']>[2]) =>
      ports.snapshots.users(key, await view(), query);

    it('shows nothing before the first snapshot is published', async () => {
      const first = await beginSync(ports, people, noon);
      await first.write();
      expect(await users({ limit: 10 })).toEqual({ users: [], cursor: null, version: 0 });
      await first.finish();
      expect(await readUsers(ports)).toEqual(people);
    });

    it("keeps yesterday's snapshot readable while today's is being written", async () => {
      await sync(ports, people, noon);
      const today = await beginSync(ports, [someUser({ id: 1, role: 'admin' }), someUser({ id: 9 })], noon);
      await today.write(5);
      expect(await readUsers(ports)).toEqual(people);
      await today.write();
      expect(await readUsers(ports)).toEqual(people);
      await today.finish();
      expect((await readUsers(ports)).map(({ id }) => id)).toEqual([1, 9]);
    });

    describe('page by page', () => {
      it.each([1, 2, 3, 6, 7, 8])('of %i gives everyone once', async (limit) => {
        await sync(ports, people, noon);
        expect(await readUsers(ports, limit)).toEqual(people);
      });

      it('gives full pages, and no cursor with the last one', async () => {
        await sync(ports, people, noon);
        const first = await users({ limit: 4 });
        expect(first.users.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
        const second = await users({ limit: 3, cursor: first.cursor ?? '' });
        expect(second).toEqual({ users: people.slice(4), cursor: null, version: 1 });
      });

      it('filters by status and role, and still fills the pages', async () => {
        const deactivated = { status: 'deactivated', takesSeat: false, seatReason: 'deactivated' } as const;
        const mixed = people.map((user) => ({
          ...user,
          ...(user.id % 2 === 0 ? deactivated : {}),
          role: user.id > 3 ? ('admin' as const) : user.role,
        }));
        await sync(ports, mixed, noon);
        const ids = async (query: object) => (await users({ limit: 2, ...query })).users.map(({ id }) => id);
        expect(await ids({ status: 'active' })).toEqual([1, 3]);
        expect(await ids({ status: 'deactivated' })).toEqual([2, 4]);
        expect(await ids({ role: 'admin' })).toEqual([4, 5]);
        expect(await ids({ status: 'active', role: 'admin' })).toEqual([5, 7]);
        const { cursor } = await users({ limit: 2, status: 'deactivated' });
        expect(await ids({ status: 'deactivated', cursor })).toEqual([6]);
      });

      it('stays with the snapshot of the first page when another is published meanwhile', async () => {
        await sync(ports, people, noon);
        const first = await users({ limit: 3 });
        await sync(
          ports,
          [someUser({ id: 5, role: 'admin' }), someUser({ id: 6 }), someUser({ id: 70 })],
          noon,
        );
        const rest = await users({ limit: 10, cursor: first.cursor ?? '' });
        expect(rest).toEqual({ users: people.slice(3), cursor: null, version: 1 });
      });

      it('says so when a row was replaced twice since the first page', async () => {
        await sync(ports, people, noon);
        const { cursor } = await users({ limit: 3 });
        await sync(ports, people.with(4, someUser({ id: 5, role: 'admin' })), noon);
        await sync(ports, people, noon);
        expect(await failureCode(users({ limit: 10, cursor: cursor ?? '' }))).toBe('snapshot_moved');
      });

      it.each([
        ['nonsense', 'nonsense'],
        ['of another shape', Buffer.from('{"after":"1","version":1}').toString('base64url')],
        ['for a version that is not published', Buffer.from('{"after":1,"version":2}').toString('base64url')],
      ])('refuses a cursor %s', async (_, cursor) => {
        await sync(ports, people, noon);
        await (await beginSync(ports, [], noon)).write();
        expect(await failureCode(users({ limit: 3, cursor }))).toBe('malformed_request');
      });
    });

    it('reads with a view that is one snapshot old', async () => {
      await sync(ports, people, noon);
      const yesterday = await view();
      await sync(ports, [], noon);
      expect(await readUsersAs(ports, yesterday)).toEqual(people);
      expect(await readUsers(ports)).toEqual([]);
    });

    it('gives groups and licenses of the published snapshot only', async () => {
      const version = await sync(ports, [], noon);
      const group = { id: 4, name: 'Analysts', kind: 'ordinary' } as const;
      const license = someLicense();
      const fresh = { version, previous: null, seenVersion: null };
      await ports.snapshots.writeRows(key, 'group', [{ ...fresh, id: 4, state: group }], noon, never);
      await ports.snapshots.writeRows(
        key,
        'group',
        [{ ...fresh, version: version + 1, id: 5, state: { ...group, id: 5 } }],
        noon,
        never,
      );
      await ports.snapshots.writeRows(
        key,
        'license',
        [{ ...fresh, id: 'metabase', state: license }],
        noon,
        never,
      );
      expect(await ports.snapshots.groups(key, await view())).toEqual([group]);
      expect(await ports.snapshots.licenses(key, await view())).toEqual([license]);
    });

    it('gives the header of a version, null where there is none', async () => {
      await ports.snapshots.putHeader(key, someHeader(3), minutesAfter(noon, 60));
      expect(await ports.snapshots.header(key, 3)).toEqual(someHeader(3));
      expect(await ports.snapshots.header(key, 2)).toBeNull();
    });

    describe('the change log', () => {
      const named = (firstName: string): User => someUser({ firstName });
      const kinds = (changes: readonly (Change & { version: number })[]) =>
        changes.map((change) => [change.version, ...change.kinds]);

      it('gives what happened after a version, the newest first', async () => {
        await sync(ports, [], noon);
        await sync(ports, [named('Ana')], noon);
        await sync(ports, [named('Anna')], noon);
        await sync(ports, [], noon);
        expect(kinds(await collect(ports.snapshots.changes(key, await view(), 0)))).toEqual([
          [4, 'left'],
          [3, 'renamed'],
          [2, 'joined'],
        ]);
        const recent = await collect(ports.snapshots.changes(key, await view(), 3));
        expect(recent).toEqual([{ version: 4, ...userChange(named('Anna'), null) }]);
        expect(await collect(ports.snapshots.changes(key, await view(), 4))).toEqual([]);
      });

      it('leaves out what a running or dead sync logged', async () => {
        await sync(ports, [named('Ana')], noon);
        const dead = await ports.leases.acquire(key, noon, 60_000);
        const logged = [userChange(named('Ana'), named('Bo'))];
        await ports.snapshots.logChanges(key, dead.token, logged, noon, never);
        expect(await collect(ports.snapshots.changes(key, await view(), 0))).toEqual([]);
        await sync(ports, [named('Cy')], minutesAfter(noon, 1));
        expect(kinds(await collect(ports.snapshots.changes(key, await view(), 0)))).toEqual([[3, 'renamed']]);
      });

      it('holds more changes in one version than fit into one request', async () => {
        await sync(ports, [], noon);
        const many = Array.from({ length: 60 }, (_, i) => someUser({ id: i + 1 }));
        await sync(ports, many, noon);
        expect(await collect(ports.snapshots.changes(key, await view(), 1))).toHaveLength(60);
      });

      it('takes the published rows back to any earlier version', async () => {
        await sync(ports, [named('Ana'), someUser({ id: 8 })], noon);
        await sync(ports, [named('Bo')], noon);
        await sync(ports, [named('Cy'), someUser({ id: 9 })], noon);
        const now = new Map((await readUsers(ports)).map((user) => [user.id, user] as const));
        const changes = await collect(ports.snapshots.changes(key, await view(), 1));
        expect([...undoChanges(now, changes).values()]).toEqual([named('Ana'), someUser({ id: 8 })]);
      });
    });
  });
}
