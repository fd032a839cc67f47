import { beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotWriter } from '#shared/use-cases/ports.ts';
import { expectedSnapshot } from '#test/metabase/truth.ts';
import { startMemorySystem } from '#test/support/memory-system.ts';

type System = Awaited<ReturnType<typeof startMemorySystem>>;
let system: System;
let connectionId: string;

beforeEach(async () => {
  system = await startMemorySystem();
  connectionId = await system.connect();
  return () => system[Symbol.asyncDispose]();
});

const users = async () => {
  const path = `/v1/connections/${connectionId}/users`;
  return (await system.request('GET /v1/connections/{connectionId}/users', path)).body;
};

/** The events of one snapshot as `kind` and id. */
async function changesOfLastSync(): Promise<[string, unknown][]> {
  const key = { tenantId: 'acme', connectionId };
  const connection = await system.ports.connections.get(key);
  const events: [string, unknown][] = [];
  const since = (connection.publishedVersion ?? 0) - 1;
  for await (const { kinds, id } of system.ports.snapshots.changes(key, connection, since)) {
    for (const kind of kinds) events.push([kind, id]);
  }
  return events.sort();
}

/** One scheduled round: an hour later, the schedule finds what is due, and the queue is worked off. */
async function hourLater() {
  system.clock.advance(61);
  await system.dispatch();
  return system.sync();
}

describe('a sync', () => {
  it('publishes everybody as Metabase has them, and a license', async () => {
    await system.sync();
    const expected = expectedSnapshot(system.metabase.world);
    const published = await users();
    expect(published.users.map(({ seatReason, ...user }: { seatReason: string }) => user)).toEqual(
      expected.users,
    );
    const { body } = await system.request(
      'GET /v1/connections/{connectionId}/licenses',
      `/v1/connections/${connectionId}/licenses`,
    );
    expect(body.licenses).toMatchObject([
      {
        edition: 'pro',
        tokenStatus: 'valid',
        seats: { used: expected.seatsUsed, limit: null },
        countAgrees: true,
      },
    ]);
    expect(await system.connection(connectionId)).toMatchObject({
      status: 'active',
      users: { total: expected.users.length, active: expected.seatsUsed },
      seats: { used: expected.seatsUsed, limit: null },
    });
  });

  it('writes no user and no change when nothing differs', async () => {
    await system.sync();
    expect(await hourLater()).toEqual({ handled: 1, returned: 0 });
    expect(system.telemetry.counts).toMatchObject({ SyncPublished: 2, UserRowsWritten: 12 });
    expect(await changesOfLastSync()).toEqual([]);
  });

  it('writes three rows and exactly three changes after a renaming, a deactivation and a promotion', async () => {
    await system.sync();
    const [first, second, third] = expectedSnapshot(system.metabase.world)
      .users.filter(({ status, role }) => status === 'active' && role === 'member')
      .map(({ id }) => id);
    system.metabase.rename(Number(first), 'Renamed', 'Person');
    system.metabase.deactivate(Number(second));
    system.metabase.promote(Number(third));
    await hourLater();
    expect(system.telemetry.counts.UserRowsWritten).toBe(12 + 3);
    expect(await changesOfLastSync()).toEqual([
      ['deactivated', second],
      ['renamed', first],
      ['role_changed', third],
    ]);
  });

  it('tells a key that was revoked, keeps the last snapshot, and recovers with a new key', async () => {
    await system.sync();
    system.metabase.revokeKey(system.metabase.adminKey);
    await hourLater();
    const connection = await system.connection(connectionId);
    expect(connection).toMatchObject({ status: 'needs_attention', reason: { code: 'credentials_rejected' } });
    expect((await users()).users).toHaveLength(12);
    await system.connect({ apiKey: system.metabase.addKey({ name: 'new', groupId: 2 }) });
    await system.sync();
    expect(await system.connection(connectionId)).toMatchObject({ status: 'active', reason: null });
  });

  it("tells a key whose group was deleted, which still answers but with an ordinary member's rights", async () => {
    await system.sync();
    system.metabase.deleteGroupOf(system.metabase.adminKey);
    await hourLater();
    expect(await system.connection(connectionId)).toMatchObject({
      status: 'needs_attention',
      reason: { code: 'admin_rights_missing', message: expect.stringContaining('Administrators') },
    });
  });

  it('waits longer each time an instance is down, and is back at once when the instance is', async () => {
    await system.sync();
    system.metabase.faults.down = { status: 503 };
    await hourLater();
    const minutesToNext = async () => {
      const { nextSyncAt } = await system.connection(connectionId);
      return (Date.parse(nextSyncAt) - system.clock.now().getTime()) / 60_000;
    };
    const waits = [await minutesToNext()];
    for (let tick = 0; tick < 2; tick++) {
      system.clock.advance(await minutesToNext());
      await system.dispatch();
      expect(await system.sync()).toEqual({ handled: 1, returned: 0 });
      waits.push(await minutesToNext());
    }
    expect(waits).toEqual([5, 10, 20]);
    expect(await system.connection(connectionId)).toMatchObject({ status: 'retrying' });

    system.metabase.clearFaults();
    system.clock.advance(20);
    await system.dispatch();
    await system.sync();
    expect(await system.connection(connectionId)).toMatchObject({ status: 'active', reason: null });
  });

  it('holds back a list that shrank suspiciously until it repeats', async () => {
    await system.sync();
    system.metabase.faults.dropUsers = 0.5;
    await hourLater();
    expect(await system.connection(connectionId)).toMatchObject({
      status: 'held_back',
      reason: { code: 'suspicious_shrink' },
    });
    expect((await users()).users).toHaveLength(12);
    await hourLater();
    expect(await system.connection(connectionId)).toMatchObject({ status: 'active' });
    expect((await users()).users.length).toBeLessThan(12);
  });

  it('says of an empty first list that it cannot be, and publishes nothing', async () => {
    system.metabase.faults.emptyUsers = true;
    await system.sync();
    expect(await system.connection(connectionId)).toMatchObject({
      status: 'held_back',
      reason: { message: expect.stringMatching(/^Metabase listed no accounts.*Nothing is published until/) },
    });
  });

  it('holds back an empty list and forgets about it when everybody is there again', async () => {
    await system.sync();
    system.metabase.faults.emptyUsers = true;
    await hourLater();
    expect(await system.connection(connectionId)).toMatchObject({ status: 'held_back' });
    system.metabase.clearFaults();
    await hourLater();
    expect(await system.connection(connectionId)).toMatchObject({ status: 'active', reason: null });
    expect((await users()).users).toHaveLength(12);
  });

  it('leaves the connection alone while another sync holds the lease, and forgets the message', async () => {
    const key = { tenantId: 'acme', connectionId };
    await system.ports.leases.acquire(key, system.clock.now(), 360_000);
    expect(await system.sync()).toEqual({ handled: 1, returned: 0 });
    expect(await system.connection(connectionId)).toMatchObject({ status: 'pending', reason: null });
    expect(system.telemetry.counts).toEqual({});
  });

  it('forgets and counts a message that can never succeed', async () => {
    system.ports.state.messages.push({ nonsense: true } as never);
    expect(await system.sync()).toEqual({ handled: 2, returned: 0 });
    expect(system.telemetry.counts).toMatchObject({ MalformedMessages: 1, SyncPublished: 1 });
  });

  it('forgets a message for a connection that was purged meanwhile', async () => {
    await system.ports.connections.forget({ tenantId: 'acme', connectionId }, system.clock.now());
    expect(await system.sync()).toEqual({ handled: 1, returned: 0 });
  });

  it('gives the message back when something unexpected broke, and shows no inner word to the tenant', async () => {
    const { writer } = system.snapshots;
    system.snapshots.writer = breaking(writer, 5);
    expect(await system.sync()).toEqual({ handled: 1, returned: 1 });
    const connection = await system.connection(connectionId);
    expect(connection).toMatchObject({ status: 'retrying', reason: { code: 'unexpected' } });
    expect(connection.reason.message).not.toContain('disk');
    expect((await users()).users).toEqual([]);

    system.snapshots.writer = writer;
    expect(await system.sync()).toEqual({ handled: 1, returned: 0 });
    expect((await users()).users).toHaveLength(12);
    const { abandonedVersions } = await system.ports.connections.get({ tenantId: 'acme', connectionId });
    expect(abandonedVersions).toEqual([1]);
  });

  it('lets nothing of a sync that broke half way be seen, and repairs it with the next one', async () => {
    await system.sync();
    const before = await users();
    for (const person of expectedSnapshot(system.metabase.world).users)
      system.metabase.rename(person.id, 'Other');
    const { writer } = system.snapshots;
    system.snapshots.writer = breaking(writer, 6);
    await hourLater();
    expect((await users()).users).toEqual(before.users);

    system.snapshots.writer = writer;
    system.ports.state.messages.splice(0);
    await hourLater();
    const after = (await users()).users;
    expect(after.every(({ firstName }: { firstName: string }) => firstName === 'Other')).toBe(true);
  });
});

/** Writes so many rows and then fails as a broken table would. */
function breaking(writer: SnapshotWriter, rows: number): SnapshotWriter {
  return {
    ...writer,
    async writeRows(key, entity, writes, now, signal) {
      const some = [...writes].slice(0, rows);
      await writer.writeRows(key, entity, some, now, signal);
      throw new Error('the disk is on fire');
    },
  };
}
