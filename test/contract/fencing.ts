import { beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '#shared/domain/errors.ts';
import { someUser } from '#test/shared/domain/arbitraries.ts';
import type { StoragePorts } from '#test/support/ports.ts';
import { connectInput, key, minutesAfter, noon } from './examples.ts';
import { beginSync, collect, failureCode, readUsers, sync } from './sync.ts';

const people = Array.from({ length: 6 }, (_, i) => someUser({ id: i + 1 }));
const admins = people.map((user) => ({ ...user, role: 'admin' as const }));
const managers = people.map((user) => ({ ...user, role: 'group_manager' as const }));
/** After the lease of a sync that began at noon. */
const later = minutesAfter(noon, 20);
const muchLater = minutesAfter(noon, 40);

/** What lease store and snapshot writer guarantee together when syncs die, hang, or meet. */
export function describeFencing(name: string, makePorts: () => Promise<StoragePorts>): void {
  describe(`several syncs of one connection ${name}`, () => {
    let ports: StoragePorts;
    beforeEach(async () => {
      ports = await makePorts();
      await ports.connections.connect(connectInput());
    });

    const storedVersions = async () =>
      (await collect(ports.snapshots.rows(key, 'user'))).map(({ version }) => version);

    it('shows nothing that a sync wrote before it died, and the next sync repairs the rows', async () => {
      await sync(ports, people, noon);
      const dying = await beginSync(ports, admins, noon);
      await dying.write(3);
      expect(await readUsers(ports)).toEqual(people);

      expect(await sync(ports, people, later)).toBe(3);
      expect(await readUsers(ports)).toEqual(people);
      expect(await storedVersions()).toEqual([3, 3, 3, 1, 1, 1]);
    });

    it('repairs also what two dead first syncs left', async () => {
      await (await beginSync(ports, people, noon)).write(4);
      await (await beginSync(ports, admins, later)).write(3);
      expect(await readUsers(ports)).toEqual([]);
      await sync(ports, managers, muchLater);
      expect(await readUsers(ports)).toEqual(managers);
      expect((await ports.connections.get(key)).abandonedVersions).toEqual([1, 2]);
    });

    it('hides what a sync wrote before it failed', async () => {
      await sync(ports, people, noon);
      const failing = await beginSync(ports, admins, noon);
      await failing.write(3);
      const failure = new Failure('timed_out', 'Metabase did not answer.');
      const input = { failure, now: noon, nextSyncAt: later, heldBack: null, wroteRows: true };
      await ports.leases.fail(failing.lease, input);
      expect(await readUsers(ports)).toEqual(people);
      await sync(ports, managers, noon);
      expect(await readUsers(ports)).toEqual(managers);
    });

    it('lets a sync that lost its lease write over nothing that its successor wrote, and not publish', async () => {
      await sync(ports, people, noon);
      const lost = await beginSync(ports, admins, noon);
      await sync(ports, managers, later);
      expect(await failureCode(lost.write())).toBe('lease_lost');
      expect(await failureCode(lost.finish())).toBe('lease_lost');
      expect(await readUsers(ports)).toEqual(managers);
      expect(await storedVersions()).toEqual([3, 3, 3, 3, 3, 3]);
    });

    it('never shows what a sync that lost its lease writes late into rows that its successor left alone', async () => {
      await sync(ports, people, noon);
      const lost = await beginSync(ports, [...admins, someUser({ id: 9 })], noon);
      await sync(ports, people, later);
      expect(await lost.write()).toBe(7);
      expect(await failureCode(lost.finish())).toBe('lease_lost');
      expect(await readUsers(ports)).toEqual(people);
      expect(await collect(ports.snapshots.changes(key, await ports.connections.get(key), 1))).toEqual([]);

      await sync(ports, managers, muchLater);
      expect(await readUsers(ports)).toEqual(managers);
    });

    it('stops a sync whose rows a dead one changed under its hands; the one after it repairs all', async () => {
      await sync(ports, people, noon);
      const lost = await beginSync(ports, admins, noon);
      const current = await beginSync(ports, managers, later);
      await lost.write(2);
      expect(await failureCode(current.write())).toBe('lease_lost');
      expect(await readUsers(ports)).toEqual(people);
      await sync(ports, managers, muchLater);
      expect(await readUsers(ports)).toEqual(managers);
    });

    it('lets a slow sync publish as long as nobody took over', async () => {
      await sync(ports, people, noon);
      const slow = await beginSync(ports, admins, noon);
      await slow.write();
      await slow.finish();
      expect(await sync(ports, admins, later)).toBe(3);
      expect(await readUsers(ports)).toEqual(admins);
      expect((await ports.connections.get(key)).abandonedVersions).toEqual([]);
    });

    it('keeps the last snapshot when the instance is disconnected during a sync', async () => {
      await sync(ports, people, noon);
      const running = await beginSync(ports, admins, noon);
      await running.write(3);
      await ports.connections.disconnect(key, noon);
      await running.write();
      expect(await failureCode(running.finish())).toBe('lease_lost');
      expect(await readUsers(ports)).toEqual(people);

      await ports.connections.connect(connectInput({ now: noon }));
      expect(await readUsers(ports)).toEqual(people);
      await sync(ports, managers, noon);
      expect(await readUsers(ports)).toEqual(managers);
      expect((await ports.connections.get(key)).abandonedVersions).toEqual([2]);
    });

    it('writes no row when nothing changed', async () => {
      await sync(ports, people, noon);
      const unchanged = await beginSync(ports, people, noon);
      expect(await unchanged.write()).toBe(0);
    });
  });
}
