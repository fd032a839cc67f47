import { setTimeout as sleep } from 'node:timers/promises';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSampleMetabase } from '#test/metabase/server.ts';
import { expectedSnapshot } from '#test/metabase/truth.ts';
import { metabaseVersions } from '#test/metabase/versions.ts';
import { type LocalStack, startLocalStack } from '../../infra/local/stack.ts';
import { createTenant } from './tenant.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({ allowPrivateNetwork: true });
});
afterAll(() => stack.close());

describe('a sync', () => {
  test.each(metabaseVersions)('publishes exactly what an instance of version %s holds', async (version) => {
    await using sample = await startSampleMetabase({ version, users: 120 });
    const tenant = createTenant(stack, `version-${version}`);
    const { connection, snapshot, metrics } = await tenant.snapshot(await tenant.connect(sample));
    const { seatsUsed, ...expected } = expectedSnapshot(sample.world);
    expect(connection.status).toBe('active');
    expect(snapshot).toMatchObject(expected);
    expect(snapshot.licenses[0]).toMatchObject({ seats: { used: seatsUsed }, countAgrees: true });
    expect(snapshot.changes).toEqual([]);
    expect(metrics.userRowsWritten).toBe(120);
    expect(metrics.metabaseRequests).toBeLessThanOrEqual(7);
  });

  test('writes no user row when nothing changed', async () => {
    await using sample = await startSampleMetabase({ users: 60 });
    const tenant = createTenant(stack, 'unchanged');
    const connectionId = await tenant.connect(sample);
    await tenant.syncWhenDue(connectionId);
    const { snapshot, metrics } = await tenant.snapshot(connectionId);
    expect(metrics.userRowsWritten).toBe(0);
    expect(snapshot).toMatchObject({ version: 2, changes: [] });
    expect(snapshot.users).toHaveLength(60);
  });

  test('writes three rows and three changes for a rename, a deactivation and a promotion', async () => {
    await using sample = await startSampleMetabase({ users: 60 });
    const tenant = createTenant(stack, 'three-changes');
    const connectionId = await tenant.connect(sample);
    const members = [...sample.world.people.values()].filter(
      ({ type, isActive, isSuperuser, tenantId }) =>
        type === 'personal' && isActive && !isSuperuser && !tenantId,
    );
    const [renamed, deactivated, promoted] = members.map(({ id }) => id) as [number, number, number];
    sample.rename(renamed, 'Ada', 'Lovelace');
    sample.deactivate(deactivated);
    sample.promote(promoted);

    const { status } = await tenant.syncWhenDue(connectionId);
    const { snapshot, metrics } = await tenant.snapshot(connectionId);
    expect(status).toBe('active');
    expect(metrics.userRowsWritten).toBe(3);
    expect(snapshot.changes.toSorted((a, b) => Number(a.userId) - Number(b.userId))).toEqual(
      [
        { kind: 'renamed', userId: renamed },
        { kind: 'deactivated', userId: deactivated },
        { kind: 'role_changed', userId: promoted },
      ].sort((a, b) => a.userId - b.userId),
    );
    expect(snapshot.users).toEqual(expectedSnapshot(sample.world).users);
  });

  test('that sees half of the accounts gone is held back until support staff confirm', async () => {
    await using sample = await startSampleMetabase({ users: 60 });
    const tenant = createTenant(stack, 'shrink');
    const connectionId = await tenant.connect(sample);
    sample.faults.dropUsers = 0.5;

    const held = await tenant.syncWhenDue(connectionId);
    expect(held).toMatchObject({ status: 'held_back', reason: { code: 'suspicious_shrink' } });
    expect((await tenant.snapshot(connectionId)).snapshot.users).toHaveLength(60);

    expect(await tenant.resync(connectionId, true)).toMatchObject({ outcome: 'published' });
    const { snapshot } = await tenant.snapshot(connectionId);
    expect(snapshot.users.length).toBeLessThan(40);
    expect(snapshot.changes.every(({ kind }) => kind === 'left')).toBe(true);
    expect(await tenant.show(connectionId)).toMatchObject({ status: 'active', reason: null });
  });

  test('that dies in the middle of writing is not seen, and the next one repairs what it left', async () => {
    await using sample = await startSampleMetabase({ users: 300 });
    const tenant = createTenant(stack, 'killed');
    const connectionId = await tenant.connect(sample);
    const before = await tenant.snapshot(connectionId);
    for (const { id } of before.snapshot.users) sample.rename(id, 'Renamed');

    await tenant.makeDue(connectionId);
    await stack.tick();
    await rowsWrittenBy(2, connectionId, tenant.tenantId, 20);
    await stack.kill('sync');
    const written = await rowsWrittenBy(2, connectionId, tenant.tenantId, 20);
    expect(written).toBeLessThan(300);

    const afterwards = await tenant.snapshot(connectionId);
    expect(afterwards.snapshot).toEqual(before.snapshot);
    const { body } = await tenant.request('GET', `/v1/connections/${connectionId}/users?limit=1000`);
    expect(body.users.some(({ firstName }: { firstName: string }) => firstName === 'Renamed')).toBe(false);

    await tenant.endLease(connectionId);
    expect(await tenant.resync(connectionId)).toMatchObject({ outcome: 'published' });
    const repaired = await tenant.snapshot(connectionId);
    expect(repaired.snapshot.users).toEqual(expectedSnapshot(sample.world).users);
    expect(repaired.metrics.userRowsWritten).toBe(300);
  });
});

/** Waits until a version has written at least so many user rows; gives how many it has. */
async function rowsWrittenBy(
  version: number,
  connectionId: string,
  tenantId: string,
  atLeast: number,
): Promise<number> {
  for (;;) {
    const { Count = 0 } = await stack.clients.dynamoDb.send(
      new QueryCommand({
        TableName: stack.tables.snapshots,
        KeyConditionExpression: 'connectionKey = :key AND begins_with(#item, :users)',
        FilterExpression: '#version = :version',
        ExpressionAttributeNames: { '#item': 'item', '#version': 'version' },
        ExpressionAttributeValues: {
          ':key': `${tenantId}#${connectionId}`,
          ':users': 'USER#',
          ':version': version,
        },
        ConsistentRead: true,
      }),
    );
    if (Count >= atLeast) return Count;
    await sleep(5);
  }
}
