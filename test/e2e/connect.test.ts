import { DescribeSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SampleMetabase, startSampleMetabase } from '#test/metabase/server.ts';
import { type LocalStack, startLocalStack } from '../../infra/local/stack.ts';
import { createTenant } from './tenant.ts';

let stack: LocalStack;
let sample: SampleMetabase;
let behindProxy: SampleMetabase;
beforeAll(async () => {
  stack = await startLocalStack({ allowPrivateNetwork: true });
  sample = await startSampleMetabase({ users: 30 });
  behindProxy = await startSampleMetabase({ users: 30, subPath: '/metabase' });
});
afterAll(async () => {
  await stack.close();
  await sample.close();
  await behindProxy.close();
});

const unknownKey = `mb_${'A'.repeat(43)}=`;

describe('connecting', () => {
  test.each([
    ['/', ''],
    ['/api/', ''],
    ['/api/user/current', ''],
    ['/question/17-sales?tab=2#x', ''],
    ['/admin/people', ''],
  ])('understands the pasted URL that ends in %s', async (pasted) => {
    const tenant = createTenant(stack, `pasted-${pasted.replace(/\W/g, '')}-x`);
    const { status, body } = await tenant.post(`${sample.url}${pasted}`, sample.adminKey);
    expect(status).toBe(201);
    expect(body.instanceUrl).toBe(sample.url);
  });

  test.each(['', '/', '/api', '/collection/4-team'])(
    'keeps the sub-path of a proxy before %j',
    async (pasted) => {
      const tenant = createTenant(stack, `proxy-${pasted.replaceAll('/', '_')}`);
      const { status, body } = await tenant.post(`${behindProxy.url}${pasted}`, behindProxy.adminKey);
      expect(status).toBe(201);
      expect(body.instanceUrl).toBe(behindProxy.url);
    },
  );

  test('says which key is missing rights and how to give them', async () => {
    const tenant = createTenant(stack, 'member-key');
    const { status, body } = await tenant.post(sample.url, sample.memberKey);
    expect(status).toBe(422);
    expect(body).toMatchObject({ type: 'urn:metabase-sync:problem:admin-rights-missing', status: 422 });
    expect(body.detail).toContain('Administrators');
  });

  test('says that a key is wrong', async () => {
    const { status, body } = await createTenant(stack, 'wrong-key').post(sample.url, unknownKey);
    expect(status).toBe(422);
    expect(body.type).toBe('urn:metabase-sync:problem:credentials-rejected');
  });

  test('says which URL was understood when a web page answers in place of the API', async () => {
    await using page = await startSampleMetabase();
    page.faults.htmlEverywhere = true;
    const { status, body } = await createTenant(stack, 'web-page').post(`${page.url}/sign-in`, page.adminKey);
    expect(status).toBe(422);
    expect(body.type).toBe('urn:metabase-sync:problem:not-metabase');
    expect(body.detail).toContain(`${page.url}/sign-in`);
  });

  test('says that nobody answers at a dead port', async () => {
    const dead = await startSampleMetabase();
    await dead.close();
    const { status, body } = await createTenant(stack, 'dead-port').post(dead.url, dead.adminKey);
    expect(status).toBe(502);
    expect(body.type).toBe('urn:metabase-sync:problem:connection-failed');
    expect(body.detail).toContain(new URL(dead.url).host);
  });

  test('says what is wrong with a request that is no connection', async () => {
    const tenant = createTenant(stack, 'malformed');
    const { status, body } = await tenant.request('POST', '/v1/connections', { instanceUrl: sample.url });
    expect(status).toBe(400);
    expect(body.detail).toContain('apiKey');
  });

  test('stores nothing of a tenant whose key did not work', async () => {
    const tenant = createTenant(stack, 'nothing-stored');
    await tenant.post(sample.url, unknownKey);
    expect((await tenant.request('GET', '/v1/connections')).body).toEqual({ connections: [] });
  });

  test('twice is one connection, and a key that does not work replaces none that does', async () => {
    const tenant = createTenant(stack, 'twice');
    const connectionId = await tenant.connect(sample);
    const again = await tenant.post(`${sample.url}/api/`, sample.addKey({ name: 'Second', groupId: 2 }));
    expect(again).toMatchObject({ status: 200, body: { connectionId } });
    await stack.drain();

    const path = `/v1/connections/${connectionId}/credential`;
    expect((await tenant.request('PUT', path, { apiKey: unknownKey })).status).toBe(422);
    expect(await tenant.syncWhenDue(connectionId)).toMatchObject({ status: 'active' });
    expect((await tenant.request('PUT', path, { apiKey: sample.adminKey })).status).toBe(200);
  });
});

describe('disconnecting', () => {
  test('ends the syncs, deletes the key and keeps the rows; connecting again works at once', async () => {
    const tenant = createTenant(stack, 'reconnect');
    const connectionId = await tenant.connect(sample);
    const path = `/v1/connections/${connectionId}`;
    expect((await tenant.request('DELETE', path)).status).toBe(204);
    expect(await tenant.show(connectionId)).toMatchObject({ status: 'disconnected', nextSyncAt: null });
    await expect(secretOf(tenant.tenantId, connectionId)).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    expect((await tenant.request('POST', `${path}/sync`)).status).toBe(409);
    expect((await tenant.request('GET', `${path}/users`)).body.users).toHaveLength(30);

    expect(await tenant.connect(sample)).toBe(connectionId);
    expect(await tenant.show(connectionId)).toMatchObject({ status: 'active', users: { total: 30 } });
    expect((await tenant.snapshot(connectionId)).metrics.userRowsWritten).toBe(0);
  });

  test('with purge forgets the connection and everything that was synced', async () => {
    const tenant = createTenant(stack, 'purge');
    const connectionId = await tenant.connect(sample);
    expect(await itemsOf(tenant.tenantId, connectionId)).toBeGreaterThan(30);
    expect((await tenant.request('DELETE', `/v1/connections/${connectionId}?purge=true`)).status).toBe(204);
    expect((await tenant.request('GET', `/v1/connections/${connectionId}`)).status).toBe(404);
    expect((await tenant.request('GET', '/v1/connections')).body).toEqual({ connections: [] });
    expect(await itemsOf(tenant.tenantId, connectionId)).toBe(0);

    expect(await tenant.connect(sample)).toBe(connectionId);
    expect((await tenant.snapshot(connectionId)).snapshot.users).toHaveLength(30);
  });
});

describe('another tenant', () => {
  test.each([
    ['GET', '', undefined],
    ['GET', '/users', undefined],
    ['GET', '/licenses', undefined],
    ['POST', '/sync', undefined],
    ['PUT', '/credential', 'key'],
    ['DELETE', '', undefined],
  ])('is told that there is no such connection: %s …%s', async (method, path, key) => {
    const connectionId = await createTenant(stack, 'owner').connect(sample);
    const other = createTenant(stack, 'stranger');
    const body = key === undefined ? undefined : { apiKey: sample.adminKey };
    const answer = await other.request(method, `/v1/connections/${connectionId}${path}`, body);
    expect(answer).toMatchObject({ status: 404, body: { type: 'urn:metabase-sync:problem:not-found' } });
    expect(await createTenant(stack, 'owner').show(connectionId)).toMatchObject({ status: 'active' });
  });
});

test('a sync that a person asks for runs, and asking again at once is too much', async () => {
  const tenant = createTenant(stack, 'impatient');
  const connectionId = await tenant.connect(sample);
  const path = `/v1/connections/${connectionId}/sync`;
  expect((await tenant.request('POST', path)).status).toBe(202);
  await stack.drain();
  expect((await tenant.request('POST', path)).status).toBe(429);
  expect((await tenant.snapshot(connectionId)).snapshot.version).toBe(2);
});

async function secretOf(tenantId: string, connectionId: string): Promise<unknown> {
  const SecretId = `metabase-sync/${tenantId}/${connectionId}`;
  const { DeletedDate } = await stack.clients.secretsManager.send(new DescribeSecretCommand({ SecretId }));
  expect(DeletedDate).toBeInstanceOf(Date);
  return stack.clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
}

async function itemsOf(tenantId: string, connectionId: string): Promise<number> {
  const { Count = 0 } = await stack.clients.dynamoDb.send(
    new QueryCommand({
      TableName: stack.tables.snapshots,
      KeyConditionExpression: 'connectionKey = :key',
      ExpressionAttributeValues: { ':key': `${tenantId}#${connectionId}` },
    }),
  );
  return Count;
}
