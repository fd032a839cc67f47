import { beforeEach, describe, expect, it } from 'vitest';
import type { Group } from '#shared/domain/group.ts';
import type { User } from '#shared/domain/user.ts';
import type { RowWrite } from '#shared/domain/versioned-row.ts';
import { someUser } from '#test/shared/domain/arbitraries.ts';
import type { StoragePorts } from '#test/support/ports.ts';
import { key, never, noon, otherKey, someLicense } from './examples.ts';
import { collect, failureCode } from './sync.ts';

function added<S extends { readonly id: number }>(state: S, version = 1): RowWrite<S> {
  return { id: state.id, version, state, previous: null, seenVersion: null };
}

/** What every SnapshotWriter guarantees about rows as such; several writers at once come in `fencing.ts`. */
export function describeSnapshotWriter(name: string, makePorts: () => Promise<StoragePorts>): void {
  describe(`the snapshot writer ${name}`, () => {
    let ports: StoragePorts;
    beforeEach(async () => {
      ports = await makePorts();
    });

    const writeUsers = (writes: Iterable<RowWrite<User>>, signal = never, of = key) =>
      ports.snapshots.writeRows(of, 'user', writes, noon, signal);
    const userRows = () => collect(ports.snapshots.rows(key, 'user'));

    it('gives back exactly what was written: users, groups and licenses, null where unknown', async () => {
      const user = someUser({ groups: [{ id: 4, isManager: true }], lastName: null, lastLoginAt: null });
      const group: Group = { id: 4, name: '', kind: 'ordinary' };
      const license = someLicense({ monthlyPriceUsd: 0.1 + 0.2, plan: null });
      await writeUsers([added(user)]);
      await ports.snapshots.writeRows(key, 'group', [added(group)], noon, never);
      const row = { id: 'metabase', version: 1, state: license, previous: null };
      await ports.snapshots.writeRows(key, 'license', [{ ...row, seenVersion: null }], noon, never);

      expect(await userRows()).toStrictEqual([{ id: 7, version: 1, state: user, previous: null }]);
      expect(await collect(ports.snapshots.rows(key, 'group'))).toStrictEqual([
        { id: 4, version: 1, state: group, previous: null },
      ]);
      expect(await collect(ports.snapshots.rows(key, 'license'))).toStrictEqual([row]);
    });

    it('keeps the state before, and that something is gone', async () => {
      const before = someUser();
      const after = someUser({ role: 'admin' });
      await writeUsers([added(before)]);
      const promoted = { id: 7, version: 2, state: after, previous: { version: 1, state: before } };
      await writeUsers([{ ...promoted, seenVersion: 1 }]);
      expect(await userRows()).toStrictEqual([promoted]);
      const gone = { id: 7, version: 3, state: null, previous: { version: 2, state: after } };
      await writeUsers([{ ...gone, seenVersion: 2 }]);
      expect(await userRows()).toStrictEqual([gone]);
      const back = { id: 7, version: 4, state: after, previous: { version: 0, state: null } };
      await writeUsers([{ ...back, seenVersion: 3 }]);
      expect(await userRows()).toStrictEqual([back]);
    });

    it('orders rows by the number of the id, over any number of rows', async () => {
      const ids = Array.from({ length: 40 }, (_, i) => (i * 37) % 1_013);
      expect(await writeUsers(ids.map((id) => added(someUser({ id }))))).toBe(40);
      expect((await userRows()).map(({ id }) => id)).toEqual(ids.toSorted((a, b) => a - b));
    });

    it('keeps connections apart', async () => {
      await writeUsers([added(someUser())], never, otherKey);
      expect(await userRows()).toEqual([]);
    });

    it('refuses to write over what the writer did not see', async () => {
      await writeUsers([added(someUser())]);
      const blind = added(someUser({ role: 'admin' }), 2);
      expect(await failureCode(writeUsers([blind]))).toBe('lease_lost');
      const outdated = { ...blind, previous: { version: 1, state: someUser() }, seenVersion: 0 };
      expect(await failureCode(writeUsers([outdated]))).toBe('lease_lost');
      const vanished = { ...added(someUser({ id: 8 }), 2), seenVersion: 1 };
      expect(await failureCode(writeUsers([vanished]))).toBe('lease_lost');
      expect((await userRows()).map(({ version }) => version)).toEqual([1]);
    });

    it('may write its own row again, as after an answer that got lost', async () => {
      await writeUsers([added(someUser())]);
      expect(await writeUsers([added(someUser())])).toBe(1);
    });

    it('takes rows one by one as it gets to them, and stops at the first failure', async () => {
      const taken: number[] = [];
      function* rows() {
        for (let id = 1; id <= 1_000; id++) {
          taken.push(id);
          yield id === 5 ? { ...added(someUser({ id })), seenVersion: 4 } : added(someUser({ id }));
        }
      }
      expect(await failureCode(writeUsers(rows()))).toBe('lease_lost');
      expect(taken.length).toBeLessThan(100);
      const written = (await userRows()).length;
      expect(written).toBeGreaterThanOrEqual(4);
      expect(written).toBeLessThan(taken.length);
    });

    it('ends with the reason of its signal once that is given', async () => {
      const deadline = new AbortController();
      function* rows() {
        for (let id = 1; id <= 1_000; id++) {
          if (id === 20) deadline.abort(new Error('out of time'));
          yield added(someUser({ id }));
        }
      }
      await expect(writeUsers(rows(), deadline.signal)).rejects.toThrow('out of time');
      expect((await userRows()).length).toBeLessThan(20);
    });
  });
}
