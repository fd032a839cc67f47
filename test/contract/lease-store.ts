import { beforeEach, describe, expect, it } from 'vitest';
import { Failure, type FailureCode } from '#shared/domain/errors.ts';
import type { FailureInput } from '#shared/use-cases/ports.ts';
import type { StoragePorts } from '#test/support/ports.ts';
import { connectInput, key, leaseMs, minutesAfter, noon, otherKey, publishInput } from './examples.ts';
import { failureCode } from './sync.ts';

const later = minutesAfter(noon, 30);

function failureInput(code: FailureCode, fields: Partial<FailureInput> = {}): FailureInput {
  const failure = new Failure(code, 'What happened, and what to do.');
  return { failure, now: noon, nextSyncAt: later, heldBack: null, wroteRows: false, ...fields };
}

/** What every LeaseStore guarantees about one connection's lease; rows come in `fencing.ts`. */
export function describeLeaseStore(name: string, makePorts: () => Promise<StoragePorts>): void {
  describe(`the lease store ${name}`, () => {
    let ports: StoragePorts;
    beforeEach(async () => {
      ports = await makePorts();
      await ports.connections.connect(connectInput());
    });

    const stored = () => ports.connections.get(key);

    describe('taking the lease', () => {
      it('gives the next version and the connection as it was', async () => {
        const before = await stored();
        const message = { ...key, trigger: 'schedule' };
        const lease = await ports.leases.acquire(message, noon, leaseMs);
        expect(lease).toEqual({ ...key, token: 1, connection: before });
        expect(await stored()).toMatchObject({
          leaseToken: 1,
          pendingVersion: 1,
          leaseExpiresAt: minutesAfter(noon, 15).toISOString(),
          lastAttemptAt: noon.toISOString(),
        });
      });

      it('is refused while another holds it, and says for how long', async () => {
        await ports.leases.acquire(key, noon, leaseMs);
        await expect(ports.leases.acquire(key, minutesAfter(noon, 14), leaseMs)).rejects.toMatchObject({
          code: 'lease_held',
          retryAfterSeconds: 60,
        });
      });

      it('is granted to one of several who come at the same moment', async () => {
        const comers = await Promise.allSettled(
          [1, 2, 3, 4].map(() => ports.leases.acquire(key, noon, leaseMs)),
        );
        expect(comers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect((await stored()).leaseToken).toBe(1);
      });

      it('is refused for what is not connected, or not any more', async () => {
        expect(await failureCode(ports.leases.acquire(otherKey, noon, leaseMs))).toBe('not_found');
        await ports.connections.disconnect(key, noon);
        expect(await failureCode(ports.leases.acquire(key, noon, leaseMs))).toBe('disconnected');
      });

      it('abandons the version of a holder that died', async () => {
        await ports.leases.acquire(key, noon, leaseMs);
        const lease = await ports.leases.acquire(key, minutesAfter(noon, 15), leaseMs);
        expect(lease.token).toBe(2);
        expect(lease.connection.abandonedVersions).toEqual([1]);
        expect((await stored()).abandonedVersions).toEqual([1]);
      });

      it('does not abandon the version of a holder that published in its last moment', async () => {
        const slow = await ports.leases.acquire(key, noon, leaseMs);
        await ports.leases.publish(slow, publishInput());
        const lease = await ports.leases.acquire(key, minutesAfter(noon, 15), leaseMs);
        expect(lease.connection).toMatchObject({ publishedVersion: 1, abandonedVersions: [] });
      });
    });

    describe('publishing', () => {
      it('moves the published version, gives the lease back and forgets earlier failures', async () => {
        const failing = await ports.leases.acquire(key, noon, leaseMs);
        const heldBack = { fingerprint: 'f', missing: 3, firstSeenAt: noon.toISOString() };
        await ports.leases.fail(failing, failureInput('suspicious_shrink', { heldBack }));
        const lease = await ports.leases.acquire(key, later, leaseMs);
        const nextSyncAt = minutesAfter(later, 60);
        await ports.leases.publish(
          lease,
          publishInput({ now: later, nextSyncAt, metabaseVersion: 'v0.63.2' }),
        );
        expect(await stored()).toMatchObject({
          status: 'active',
          reason: null,
          failuresInRow: 0,
          heldBack: null,
          publishedVersion: 2,
          pendingVersion: null,
          leaseExpiresAt: null,
          metabaseVersion: 'v0.63.2',
          summary: publishInput().summary,
          lastSyncAt: later.toISOString(),
          nextSyncAt: nextSyncAt.toISOString(),
        });
      });

      it('is refused after another took over', async () => {
        const lost = await ports.leases.acquire(key, noon, leaseMs);
        const winner = await ports.leases.acquire(key, later, leaseMs);
        expect(await failureCode(ports.leases.publish(lost, publishInput()))).toBe('lease_lost');
        await ports.leases.publish(winner, publishInput());
        expect(await failureCode(ports.leases.publish(lost, publishInput()))).toBe('lease_lost');
        expect((await stored()).publishedVersion).toBe(2);
      });

      it('is refused after the lease was given back', async () => {
        const lease = await ports.leases.acquire(key, noon, leaseMs);
        await ports.leases.fail(lease, failureInput('timed_out', { wroteRows: true }));
        expect(await failureCode(ports.leases.publish(lease, publishInput()))).toBe('lease_lost');
      });

      it('is refused after the instance was disconnected or forgotten, also when it came back', async () => {
        const disconnected = await ports.leases.acquire(key, noon, leaseMs);
        await ports.connections.disconnect(key, noon);
        expect(await failureCode(ports.leases.publish(disconnected, publishInput()))).toBe('lease_lost');
        await ports.connections.connect(connectInput({ now: later }));
        expect(await failureCode(ports.leases.publish(disconnected, publishInput()))).toBe('lease_lost');

        const forgotten = await ports.leases.acquire(key, later, leaseMs);
        await ports.connections.forget(key, later);
        expect(await failureCode(ports.leases.publish(forgotten, publishInput()))).toBe('lease_lost');
        await ports.connections.connect(connectInput({ now: later }));
        expect(await failureCode(ports.leases.publish(forgotten, publishInput()))).toBe('lease_lost');

        const lease = await ports.leases.acquire(key, later, leaseMs);
        expect(lease.connection.abandonedVersions).toEqual([disconnected.token, forgotten.token]);
      });
    });

    describe('failing', () => {
      const failing = async (input: FailureInput, at = noon) =>
        ports.leases.fail(await ports.leases.acquire(key, at, leaseMs), input);

      it.each([
        ['credentials_rejected', 'needs_attention'],
        ['timed_out', 'retrying'],
        ['suspicious_shrink', 'held_back'],
      ] as const)('with %s leaves the connection %s, with the reason in words', async (code, status) => {
        await failing(failureInput(code));
        expect(await stored()).toMatchObject({
          status,
          reason: { code, message: 'What happened, and what to do.', since: noon.toISOString() },
          failuresInRow: 1,
          nextSyncAt: later.toISOString(),
          leaseExpiresAt: null,
          pendingVersion: null,
        });
      });

      it('for the same reason again keeps since when, and counts', async () => {
        await failing(failureInput('timed_out'));
        await failing(failureInput('timed_out', { now: later }));
        expect(await stored()).toMatchObject({ failuresInRow: 2, reason: { since: noon.toISOString() } });
        await failing(failureInput('tls_failed', { now: later }));
        expect(await stored()).toMatchObject({ failuresInRow: 3, reason: { since: later.toISOString() } });
      });

      it('remembers what the brake saw, also when the next sync fails for another reason', async () => {
        const heldBack = { fingerprint: 'f', missing: 3, firstSeenAt: noon.toISOString() };
        await failing(failureInput('suspicious_shrink', { heldBack }));
        await failing(failureInput('timed_out'));
        expect(await stored()).toMatchObject({ status: 'retrying', heldBack });
      });

      it('keeps the snapshot that is published', async () => {
        await ports.leases.publish(await ports.leases.acquire(key, noon, leaseMs), publishInput());
        await failing(failureInput('credentials_rejected'));
        expect(await stored()).toMatchObject({ publishedVersion: 1, summary: publishInput().summary });
      });

      it('gives the version up for good when rows may have been written', async () => {
        await failing(failureInput('timed_out', { wroteRows: true }));
        const lease = await ports.leases.acquire(key, later, leaseMs);
        expect(lease.connection.abandonedVersions).toEqual([1]);
      });

      it('just gives the lease back when the failure says nothing about the instance', async () => {
        const before = await stored();
        await failing(failureInput('snapshot_moved'));
        expect(await stored()).toEqual({ ...before, leaseToken: 1, lastAttemptAt: noon.toISOString() });
      });

      it('does not blame a key that was replaced while the sync ran', async () => {
        const lease = await ports.leases.acquire(key, noon, leaseMs);
        const { connection } = await ports.connections.connect(connectInput({ now: minutesAfter(noon, 1) }));
        await ports.leases.fail(lease, failureInput('credentials_rejected'));
        expect(await stored()).toMatchObject({
          status: 'pending',
          reason: null,
          failuresInRow: 0,
          nextSyncAt: connection.nextSyncAt,
          leaseExpiresAt: null,
        });
      });

      it('is refused after another took over', async () => {
        const lost = await ports.leases.acquire(key, noon, leaseMs);
        const winner = await ports.leases.acquire(key, later, leaseMs);
        for (const code of ['timed_out', 'snapshot_moved'] as const) {
          expect(await failureCode(ports.leases.fail(lost, failureInput(code)))).toBe('lease_lost');
        }
        await ports.leases.publish(winner, publishInput());
        expect((await stored()).status).toBe('active');
      });
    });
  });
}
