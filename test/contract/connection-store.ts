import { beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '#shared/domain/errors.ts';
import type { StoragePorts } from '#test/support/ports.ts';
import { connectInput, key, leaseMs, minutesAfter, noon, otherKey, publishInput } from './examples.ts';
import { collect, failureCode, sync } from './sync.ts';

/** What every ConnectionStore guarantees. */
export function describeConnectionStore(name: string, makePorts: () => Promise<StoragePorts>): void {
  describe(`the connection store ${name}`, () => {
    let ports: StoragePorts;
    beforeEach(async () => {
      ports = await makePorts();
    });

    const later = minutesAfter(noon, 30);

    describe('connecting', () => {
      it('creates a pending connection without a snapshot', async () => {
        const { connection, created } = await ports.connections.connect(connectInput({ name: 'Sales' }));
        expect(created).toBe(true);
        expect(connection).toEqual({
          ...key,
          instanceUrl: 'https://metabase.example.com',
          name: 'Sales',
          status: 'pending',
          reason: null,
          metabaseVersion: 'v0.58.1',
          instanceId: 'a-site-uuid',
          connectedAt: noon.toISOString(),
          credentialUpdatedAt: noon.toISOString(),
          nextSyncAt: minutesAfter(noon, 5).toISOString(),
          lastAttemptAt: null,
          lastSyncAt: null,
          lastRequestedAt: null,
          failuresInRow: 0,
          heldBack: null,
          summary: null,
          publishedVersion: null,
          pendingVersion: null,
          abandonedVersions: [],
          leaseToken: 0,
          leaseExpiresAt: null,
        });
        expect(await ports.connections.get(key)).toEqual(connection);
      });

      it('keeps what earlier syncs stored when the same instance is connected again', async () => {
        await ports.connections.connect(connectInput({ name: 'Sales' }));
        await sync(ports, [], noon);
        const { connection, created } = await ports.connections.connect(
          connectInput({ now: later, metabaseVersion: 'v0.63.2' }),
        );
        expect(created).toBe(false);
        expect(connection).toMatchObject({
          status: 'pending',
          name: 'Sales',
          metabaseVersion: 'v0.63.2',
          publishedVersion: 1,
          summary: publishInput().summary,
          connectedAt: noon.toISOString(),
          credentialUpdatedAt: later.toISOString(),
        });
        expect(await ports.connections.get(key)).toEqual(connection);
      });

      it('clears the failure that made the tenant act', async () => {
        await ports.connections.connect(connectInput());
        const lease = await ports.leases.acquire(key, noon, leaseMs);
        const failure = new Failure('credentials_rejected', 'Replace the key.');
        await ports.leases.fail(lease, {
          failure,
          now: noon,
          nextSyncAt: later,
          heldBack: null,
          wroteRows: false,
        });
        const { connection } = await ports.connections.connect(connectInput({ now: later }));
        expect(connection).toMatchObject({ status: 'pending', reason: null, failuresInRow: 0 });
      });
    });

    describe('reading', () => {
      it('does not know the connection of another tenant', async () => {
        await ports.connections.connect(connectInput());
        const foreign = { tenantId: otherKey.tenantId, connectionId: key.connectionId };
        expect(await failureCode(ports.connections.get(foreign))).toBe('not_found');
      });

      it("lists a tenant's own connections only", async () => {
        await ports.connections.connect(connectInput());
        await ports.connections.connect(connectInput(otherKey));
        const connections = await ports.connections.list('acme');
        expect(connections).toEqual([await ports.connections.get(key)]);
        expect(await ports.connections.list('nobody')).toEqual([]);
      });
    });

    describe('disconnecting', () => {
      it('keeps the snapshot and takes the connection off the schedule', async () => {
        await ports.connections.connect(connectInput());
        await sync(ports, [], noon);
        await ports.connections.disconnect(key, later);
        expect(await ports.connections.get(key)).toMatchObject({
          status: 'disconnected',
          nextSyncAt: null,
          publishedVersion: 1,
        });
        expect(await collect(ports.due.due(minutesAfter(noon, 1_000)))).toEqual([]);
      });

      it('may be repeated, and fails for what was never connected', async () => {
        await ports.connections.connect(connectInput());
        await ports.connections.disconnect(key, noon);
        await ports.connections.disconnect(key, later);
        expect(await failureCode(ports.connections.disconnect(otherKey, noon))).toBe('not_found');
      });

      it('is undone by connecting again', async () => {
        await ports.connections.connect(connectInput());
        await sync(ports, [], noon);
        await ports.connections.disconnect(key, noon);
        const { connection, created } = await ports.connections.connect(connectInput({ now: later }));
        expect(created).toBe(false);
        expect(connection).toMatchObject({ status: 'pending', publishedVersion: 1 });
        expect((await collect(ports.due.due(later))).flat()).toHaveLength(1);
      });
    });

    describe('forgetting', () => {
      it('hides the connection from everyone', async () => {
        await ports.connections.connect(connectInput());
        await ports.connections.forget(key, later);
        expect(await ports.connections.list('acme')).toEqual([]);
        expect(await failureCode(ports.connections.get(key))).toBe('not_found');
        expect(await failureCode(ports.connections.disconnect(key, later))).toBe('not_found');
        expect(await failureCode(ports.connections.requestSync(key, later, 0))).toBe('not_found');
        expect(await failureCode(ports.leases.acquire(key, later, leaseMs))).toBe('not_found');
        expect(await collect(ports.due.due(minutesAfter(noon, 1_000)))).toEqual([]);
      });

      it('may be repeated, also for what was never there', async () => {
        await ports.connections.connect(connectInput());
        await ports.connections.forget(key, noon);
        await ports.connections.forget(key, later);
        await ports.connections.forget(otherKey, later);
        expect(await ports.connections.list(otherKey.tenantId)).toEqual([]);
      });

      it('leaves nothing of the past to a connection that comes back, but its versions go on', async () => {
        await ports.connections.connect(connectInput({ name: 'Sales' }));
        const before = await sync(ports, [], noon);
        await ports.connections.forget(key, noon);
        const { connection, created } = await ports.connections.connect(connectInput({ now: later }));
        expect(created).toBe(true);
        expect(connection).toMatchObject({
          name: null,
          publishedVersion: null,
          summary: null,
          lastSyncAt: null,
          connectedAt: later.toISOString(),
        });
        expect(await sync(ports, [], later)).toBeGreaterThan(before);
      });
    });

    describe('a sync asked for by a person', () => {
      it('is noted with its time', async () => {
        await ports.connections.connect(connectInput());
        const connection = await ports.connections.requestSync(key, later, 60_000);
        expect(connection.lastRequestedAt).toBe(later.toISOString());
        expect(await ports.connections.get(key)).toEqual(connection);
      });

      it('is refused when the last one is too recent, and says how long to wait', async () => {
        await ports.connections.connect(connectInput());
        await ports.connections.requestSync(key, noon, 60_000);
        const tooEarly = new Date(noon.getTime() + 45_000);
        await expect(ports.connections.requestSync(key, tooEarly, 60_000)).rejects.toMatchObject({
          code: 'too_many_requests',
          retryAfterSeconds: 15,
        });
        const allowed = new Date(noon.getTime() + 60_000);
        expect((await ports.connections.requestSync(key, allowed, 60_000)).lastRequestedAt).toBe(
          allowed.toISOString(),
        );
      });

      it('is refused while a sync runs', async () => {
        await ports.connections.connect(connectInput());
        await ports.leases.acquire(key, noon, leaseMs);
        expect(await failureCode(ports.connections.requestSync(key, minutesAfter(noon, 14), 0))).toBe(
          'lease_held',
        );
        const expired = minutesAfter(noon, 15);
        expect((await ports.connections.requestSync(key, expired, 0)).lastRequestedAt).toBe(
          expired.toISOString(),
        );
      });

      it('is refused for a disconnected instance', async () => {
        await ports.connections.connect(connectInput());
        await ports.connections.disconnect(key, noon);
        expect(await failureCode(ports.connections.requestSync(key, later, 0))).toBe('disconnected');
      });

      it('is granted to one of several who ask at the same moment', async () => {
        await ports.connections.connect(connectInput());
        const asked = await Promise.allSettled(
          [1, 2, 3].map(() => ports.connections.requestSync(key, noon, 60_000)),
        );
        expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });
    });
  });
}
