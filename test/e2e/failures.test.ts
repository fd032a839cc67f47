import { GetQueueAttributesCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSampleMetabase } from '#test/metabase/server.ts';
import { type LocalStack, startLocalStack } from '../../infra/local/stack.ts';
import { startGate } from './gate.ts';
import { createTenant } from './tenant.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({ allowPrivateNetwork: true });
});
afterAll(() => stack.close());

describe('between two syncs', () => {
  test('a key that was revoked needs attention, and a new one heals it', async () => {
    await using sample = await startSampleMetabase({ users: 30 });
    const tenant = createTenant(stack, 'revoked');
    const connectionId = await tenant.connect(sample);
    sample.revokeKey(sample.adminKey);

    const broken = await tenant.syncWhenDue(connectionId);
    expect(broken).toMatchObject({ status: 'needs_attention', reason: { code: 'credentials_rejected' } });
    expect((await tenant.snapshot(connectionId)).snapshot.users).toHaveLength(30);

    const apiKey = sample.addKey({ name: 'New key', groupId: 2 });
    const path = `/v1/connections/${connectionId}/credential`;
    expect((await tenant.request('PUT', path, { apiKey })).status).toBe(200);
    await stack.drain();
    expect(await tenant.show(connectionId)).toMatchObject({ status: 'active', reason: null });
  });

  test('a key whose group was deleted is told apart from a revoked one', async () => {
    await using sample = await startSampleMetabase({ users: 30 });
    const tenant = createTenant(stack, 'group-deleted');
    const connectionId = await tenant.connect(sample);
    sample.deleteGroupOf(sample.adminKey);
    const broken = await tenant.syncWhenDue(connectionId);
    expect(broken).toMatchObject({ status: 'needs_attention', reason: { code: 'admin_rights_missing' } });
    expect((await tenant.snapshot(connectionId)).snapshot.users).toHaveLength(30);
  });

  test('an instance that is down for three ticks is tried later each time, and then is as before', async () => {
    await using sample = await startSampleMetabase({ users: 30 });
    const tenant = createTenant(stack, 'down');
    const connectionId = await tenant.connect(sample);
    sample.faults.down = { status: 503, html: true };

    const waits: number[] = [];
    for (let tick = 1; tick <= 3; tick++) {
      const { status, reason, nextSyncAt, lastAttemptAt } = await tenant.syncWhenDue(connectionId);
      expect(status).toBe('retrying');
      expect(reason.message).not.toBe('');
      waits.push(Math.round((Date.parse(nextSyncAt) - Date.parse(lastAttemptAt)) / 60_000));
    }
    expect(waits).toEqual([5, 10, 20]);
    expect((await tenant.stored(connectionId)).failuresInRow).toBe(3);

    sample.clearFaults();
    expect(await tenant.syncWhenDue(connectionId)).toMatchObject({ status: 'active', reason: null });
    expect(await tenant.stored(connectionId)).toMatchObject({ failuresInRow: 0 });
    expect((await tenant.snapshot(connectionId)).metrics.userRowsWritten).toBe(0);
  });
});

describe('while a sync runs', () => {
  test('a resync is told so and the running one publishes', async () => {
    await using sample = await startSampleMetabase({ users: 30 });
    await using gate = await startGate(sample.url);
    const tenant = createTenant(stack, 'resync-meanwhile');
    const connectionId = await tenant.connect({ url: gate.url, adminKey: sample.adminKey });

    gate.shut();
    await tenant.makeDue(connectionId);
    await stack.tick();
    await gate.knock();
    expect(await tenant.resync(connectionId)).toMatchObject({ outcome: 'lease_held' });
    expect((await tenant.request('POST', `/v1/connections/${connectionId}/sync`)).status).toBe(409);
    gate.open();
    await stack.drain();
    expect((await tenant.snapshot(connectionId)).snapshot.version).toBe(2);
  });

  test('disconnecting takes away its right to publish', async () => {
    await using sample = await startSampleMetabase({ users: 30 });
    await using gate = await startGate(sample.url);
    const tenant = createTenant(stack, 'disconnect-meanwhile');
    const connectionId = await tenant.connect({ url: gate.url, adminKey: sample.adminKey });
    sample.rename(1, 'Too', 'Late');

    gate.shut();
    await tenant.makeDue(connectionId);
    await stack.tick();
    await gate.knock();
    await tenant.request('DELETE', `/v1/connections/${connectionId}`);
    gate.open();
    await stack.drain();
    expect(await tenant.stored(connectionId)).toMatchObject({ status: 'disconnected', publishedVersion: 1 });
    const { body } = await tenant.request('GET', `/v1/connections/${connectionId}/users`);
    expect(body.users[0].firstName).not.toBe('Too');
  });

  test('the schedule does not start a second one', async () => {
    await using sample = await startSampleMetabase({ users: 30 });
    await using gate = await startGate(sample.url);
    const tenant = createTenant(stack, 'due-meanwhile');
    const connectionId = await tenant.connect({ url: gate.url, adminKey: sample.adminKey });
    sample.resetCounters();

    gate.shut();
    await tenant.makeDue(connectionId);
    await stack.tick();
    await gate.knock();
    await tenant.makeDue(connectionId);
    await stack.tick();
    await messagesLeft(1);
    gate.open();
    await stack.drain();
    expect((await tenant.snapshot(connectionId)).snapshot.version).toBe(2);
    expect(sample.requestCount).toBeLessThanOrEqual(7);
  });
});

/** Waits until so many messages are queued or being handled. */
async function messagesLeft(count: number): Promise<void> {
  const { QueueUrls = [] } = await stack.clients.sqs.send(new ListQueuesCommand({}));
  const QueueUrl = QueueUrls.find((url) => !url.includes('DeadLetters'));
  for (let left = Number.NaN; left !== count; ) {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await stack.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    left = AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  }
}
