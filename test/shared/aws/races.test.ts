import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createConnectionStore } from '#shared/aws/connections.ts';
import { createLeaseStore } from '#shared/aws/leases.ts';
import { createSnapshotWriter } from '#shared/aws/snapshot-writer.ts';
import type { Table } from '#shared/aws/table.ts';
import {
  connectInput,
  key,
  leaseMs,
  minutesAfter,
  never,
  noon,
  publishInput,
} from '#test/contract/examples.ts';
import { collect, failureCode } from '#test/contract/sync.ts';
import { someUser } from '#test/shared/domain/arbitraries.ts';
import { type DynamoDbEmulator, startDynamoDbEmulator } from '#test/support/emulators.ts';
import { createAwsPorts, type StoragePorts } from '#test/support/ports.ts';
import { interruptedBefore, losingAnswers } from './interrupted.ts';

const later = minutesAfter(noon, 20);

describe('between the read and the write of one step', () => {
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

  const stored = () => ports.connections.get(key);
  /** Takes the lease 20 minutes later, while something happens between reading and writing. */
  const acquireWhile = (happens: () => Promise<unknown>) =>
    createLeaseStore(interruptedBefore('UpdateCommand', tables.connections, happens)).acquire(
      key,
      later,
      leaseMs,
    );

  it('a slow holder may publish: its version is then not abandoned', async () => {
    const slow = await ports.leases.acquire(key, noon, leaseMs);
    const lease = await acquireWhile(() => ports.leases.publish(slow, publishInput()));
    expect(lease.connection).toMatchObject({ publishedVersion: 1, abandonedVersions: [] });
    expect(await stored()).toMatchObject({ publishedVersion: 1, abandonedVersions: [], pendingVersion: 2 });
  });

  it('another may take the lease: it is held then', async () => {
    const taken = acquireWhile(() => ports.leases.acquire(key, later, leaseMs));
    expect(await failureCode(taken)).toBe('lease_held');
    expect((await stored()).leaseToken).toBe(1);
  });

  it('the tenant may disconnect: no sync begins', async () => {
    expect(await failureCode(acquireWhile(() => ports.connections.disconnect(key, later)))).toBe(
      'disconnected',
    );
    expect(await stored()).toMatchObject({ status: 'disconnected', leaseExpiresAt: null });
  });

  it('a sync may begin: the one asked for by a person is refused', async () => {
    const begins = () => ports.leases.acquire(key, later, leaseMs);
    const connections = createConnectionStore(interruptedBefore('UpdateCommand', tables.connections, begins));
    expect(await failureCode(connections.requestSync(key, later, 0))).toBe('lease_held');
  });

  describe('when an answer is lost and the request sent again', () => {
    it('publishing succeeds', async () => {
      const lease = await ports.leases.acquire(key, noon, leaseMs);
      await createLeaseStore(losingAnswers(tables.connections)).publish(lease, publishInput());
      expect(await stored()).toMatchObject({ publishedVersion: 1, status: 'active' });
    });

    it('publishing does not revive what was disconnected meanwhile', async () => {
      const lease = await ports.leases.acquire(key, noon, leaseMs);
      await ports.leases.publish(lease, publishInput());
      await ports.connections.disconnect(key, noon);
      expect(await failureCode(ports.leases.publish(lease, publishInput()))).toBe('lease_lost');
      expect((await stored()).status).toBe('disconnected');
    });

    it('writing rows succeeds', async () => {
      const writer = createSnapshotWriter(losingAnswers(tables.snapshots));
      const row = { id: 7, version: 1, state: someUser(), previous: null };
      await writer.writeRows(key, 'user', [{ ...row, seenVersion: null }], noon, never);
      const next = { id: 7, version: 2, state: null, previous: { version: 1, state: someUser() } };
      await writer.writeRows(key, 'user', [{ ...next, seenVersion: 1 }], noon, never);
      expect(await collect(ports.snapshots.rows(key, 'user'))).toEqual([next]);
    });
  });
});
