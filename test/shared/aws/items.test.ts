import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createResyncLog } from '#shared/aws/resync-log.ts';
import type { Item, Table } from '#shared/aws/table.ts';
import { userChange } from '#shared/domain/change.ts';
import { dueShardOf } from '#shared/domain/schedule.ts';
import { expiresAfter } from '#shared/domain/snapshot.ts';
import { connectInput, key, leaseMs, never, noon, someHeader } from '#test/contract/examples.ts';
import { collect, sync } from '#test/contract/sync.ts';
import { someUser } from '#test/shared/domain/arbitraries.ts';
import { type DynamoDbEmulator, startDynamoDbEmulator } from '#test/support/emulators.ts';
import { createAwsPorts, type StoragePorts } from '#test/support/ports.ts';

const connectionKey = `${key.tenantId}#${key.connectionId}`;
const inDays = (days: number) => expiresAfter(noon, days).getTime() / 1000;

describe('what other teams find in the tables', () => {
  let dynamoDb: DynamoDbEmulator;
  let tables: { connections: Table; snapshots: Table };
  let ports: StoragePorts;
  beforeAll(async () => {
    dynamoDb = await startDynamoDbEmulator();
  });
  afterAll(() => dynamoDb.close());
  beforeEach(async () => {
    tables = await dynamoDb.createTables();
    ports = createAwsPorts(tables);
    await ports.connections.connect(connectInput());
  });

  async function connectionItem(): Promise<Item | undefined> {
    const { client, tableName: TableName } = tables.connections;
    return (await client.send(new GetCommand({ TableName, Key: key }))).Item;
  }

  async function snapshotItems(prefix: string): Promise<Item[]> {
    const query = new QueryCommand({
      TableName: tables.snapshots.tableName,
      KeyConditionExpression: 'connectionKey = :key AND begins_with(#item, :prefix)',
      ExpressionAttributeNames: { '#item': 'item' },
      ExpressionAttributeValues: { ':key': connectionKey, ':prefix': prefix },
    });
    return (await tables.snapshots.client.send(query)).Items ?? [];
  }

  it('a connection without attributes for what is unknown', async () => {
    expect(await connectionItem()).toEqual({
      ...key,
      instanceUrl: 'https://metabase.example.com',
      status: 'pending',
      failuresInRow: 0,
      metabaseVersion: 'v0.58.1',
      instanceId: 'a-site-uuid',
      connectedAt: noon.toISOString(),
      credentialUpdatedAt: noon.toISOString(),
      nextSyncAt: '2026-03-01T12:05:00.000Z',
      dueShard: dueShardOf(key.connectionId),
      leaseToken: 0,
      abandonedVersions: [],
    });
  });

  it('nothing of a forgotten connection but what fences off late writers, for 30 days', async () => {
    await ports.leases.acquire(key, noon, leaseMs);
    await ports.connections.forget(key, noon);
    const marker = { ...key, leaseToken: 2, pendingVersion: 1, abandonedVersions: [], expiresAt: inDays(30) };
    expect(await connectionItem()).toEqual(marker);
  });

  it('a connection that came back without an expiry', async () => {
    await ports.connections.forget(key, noon);
    await ports.connections.connect(connectInput());
    expect(await connectionItem()).not.toHaveProperty('expiresAt');
  });

  it('the newest thousand versions of writers that died', async () => {
    const { client, tableName: TableName } = tables.connections;
    const versions = Array.from({ length: 1_000 }, (_, i) => i + 1);
    await client.send(
      new UpdateCommand({
        TableName,
        Key: key,
        UpdateExpression:
          'SET abandonedVersions = :versions, pendingVersion = :pending, leaseToken = :pending',
        ExpressionAttributeValues: { ':versions': versions, ':pending': 1_001 },
      }),
    );
    await ports.leases.acquire(key, noon, leaseMs);
    expect((await connectionItem())?.abandonedVersions).toEqual(versions.map((version) => version + 1));
  });

  it('a user with plain attributes, the state before, and no expiry', async () => {
    const user = someUser({ groups: [{ id: 4, isManager: true }] });
    await sync(ports, [user], noon);
    await sync(ports, [{ ...user, role: 'admin' }], noon);
    const { id, ...fields } = user;
    expect(await snapshotItems('USER#')).toEqual([
      {
        connectionKey,
        item: 'USER#000000000007',
        version: 2,
        userId: 7,
        ...fields,
        role: 'admin',
        previous: { version: 1, userId: 7, ...fields },
        updatedAt: noon.toISOString(),
      },
    ]);
  });

  it('a user who is gone as removed, for 400 days', async () => {
    await sync(ports, [someUser()], noon);
    await sync(ports, [], noon);
    const [item] = await snapshotItems('USER#');
    expect(item).toMatchObject({ version: 2, removed: true, previous: { version: 1, userId: 7 } });
    expect(item).toMatchObject({ expiresAt: inDays(400) });
    expect(item).not.toHaveProperty('email');
  });

  it('a change with its time, for 400 days', async () => {
    const change = userChange(someUser(), someUser({ role: 'admin' }));
    await ports.snapshots.logChanges(key, 2, [change], noon, never);
    expect(await snapshotItems('CHANGE#')).toEqual([
      {
        connectionKey,
        item: 'CHANGE#000000000002#user#000000000007',
        version: 2,
        entity: 'user',
        id: 7,
        kinds: ['role_changed'],
        before: { role: 'member' },
        after: { role: 'admin' },
        at: noon.toISOString(),
        expiresAt: inDays(400),
      },
    ]);
  });

  it('a header under its version, for as long as it was given', async () => {
    await ports.snapshots.putHeader(key, someHeader(2), expiresAfter(noon, 30));
    expect(await snapshotItems('SNAPSHOT#')).toEqual([
      { connectionKey, item: 'SNAPSHOT#000000000002', ...someHeader(2), expiresAt: inDays(30) },
    ]);
  });

  it('who asked for a resync and why, each request for itself', async () => {
    const log = createResyncLog(tables.snapshots);
    const entry = { ...key, requestedAt: noon, requestedBy: 'sam', reason: 'ticket 12', confirmShrink: true };
    await log.record(entry);
    await log.record(entry);
    const items = await snapshotItems('RESYNC#2026-03-01T12:00:00.000Z#');
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({
      requestedBy: 'sam',
      reason: 'ticket 12',
      requestedAt: noon.toISOString(),
      confirmShrink: true,
      expiresAt: inDays(400),
    });
  });

  it('rows that another program spoiled are not taken for users', async () => {
    await sync(ports, [someUser()], noon);
    const { client, tableName: TableName } = tables.snapshots;
    const Key = { connectionKey, item: 'USER#000000000007' };
    await client.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: 'SET #role = :role',
        ExpressionAttributeNames: { '#role': 'role' },
        ExpressionAttributeValues: { ':role': 'emperor' },
      }),
    );
    await expect(collect(ports.snapshots.rows(key, 'user'))).rejects.toThrow(/role/);
  });
});
