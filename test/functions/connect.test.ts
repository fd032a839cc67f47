import { beforeEach, describe, expect, it } from 'vitest';
import { startMemorySystem } from '#test/support/memory-system.ts';

type System = Awaited<ReturnType<typeof startMemorySystem>>;
let system: System;

beforeEach(async () => {
  system = await startMemorySystem();
  return () => system[Symbol.asyncDispose]();
});

const connect = (body: unknown, tenant = 'acme') =>
  system.request('POST /v1/connections', '/v1/connections', { body, tenant });

describe('connecting an instance', () => {
  it('answers 201 with the connection, stores the key in the secret store only, and queues the first sync', async () => {
    const { url, adminKey } = system.metabase;
    const answer = await connect({ instanceUrl: url, apiKey: adminKey, name: 'BI' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      tenantId: 'acme',
      instanceUrl: url,
      name: 'BI',
      status: 'pending',
      reason: null,
      lastSyncAt: null,
    });
    expect(answer.body.metabaseVersion).toMatch(/^v1\.63/);
    expect(answer.headers?.location).toBe(`/v1/connections/${answer.body.connectionId}`);
    expect(JSON.stringify(answer)).not.toContain(adminKey);
    expect(JSON.stringify([...system.ports.state.connections.values()])).not.toContain(adminKey);
    const key = { tenantId: 'acme', connectionId: answer.body.connectionId };
    expect(await system.ports.credentials.get(key)).toEqual({ instanceUrl: url, apiKey: adminKey });
    expect(system.ports.state.messages).toMatchObject([{ ...key, trigger: 'connect' }]);
  });

  it('costs two calls', async () => {
    await system.connect();
    expect(system.metabase.requests.map(({ path }) => path)).toEqual([
      '/api/user/current',
      '/api/session/properties',
    ]);
  });

  it('is the same connection with a new key when done again', async () => {
    const first = await system.connect();
    const apiKey = system.metabase.addKey({ name: 'second', groupId: 2 });
    const again = await connect({ instanceUrl: `${system.metabase.url}/`, apiKey });
    expect(again.status).toBe(200);
    expect(again.body.connectionId).toBe(first);
    expect((await system.ports.credentials.get({ tenantId: 'acme', connectionId: first })).apiKey).toBe(
      apiKey,
    );
  });

  it('keeps the key that works when the new one does not', async () => {
    const connectionId = await system.connect();
    const answer = await connect({ instanceUrl: system.metabase.url, apiKey: system.metabase.memberKey });
    expect(answer).toMatchObject({
      status: 422,
      body: { type: 'urn:metabase-sync:problem:admin-rights-missing' },
    });
    const { apiKey } = await system.ports.credentials.get({ tenantId: 'acme', connectionId });
    expect(apiKey).toBe(system.metabase.adminKey);
  });

  it.each([
    ['a page of Metabase', '/admin/settings/authentication/api-keys'],
    ['the API', '/api/'],
    ['a page that nobody knows', '/brand-new-page/7'],
  ])('understands the URL of %s', async (_case, path) => {
    const answer = await connect({
      instanceUrl: system.metabase.url + path,
      apiKey: system.metabase.adminKey,
    });
    expect(answer).toMatchObject({ status: 201, body: { instanceUrl: system.metabase.url } });
  });

  it('says which URLs it tried when none is a Metabase', async () => {
    system.metabase.faults.htmlEverywhere = true;
    const answer = await connect({
      instanceUrl: `${system.metabase.url}/bi`,
      apiKey: system.metabase.adminKey,
    });
    expect(answer).toMatchObject({ status: 422, body: { type: 'urn:metabase-sync:problem:not-metabase' } });
    expect(answer.body.detail).toContain(`${system.metabase.url}/bi`);
    expect(answer.body.detail).toContain(`Also tried: ${system.metabase.url}.`);
    expect(system.ports.state.secrets.size).toBe(0);
  });

  it.each([
    ['no body', undefined, /expected object/],
    ['no URL', { apiKey: 'mb_123456789abc' }, /instanceUrl/],
    [
      'a mistyped field',
      { instanceUrl: 'x', apiKey: 'mb_123456789abc', apikey: 'mb_secretsecret' },
      /apikey/,
    ],
    ['the masked key', { instanceUrl: 'x', apiKey: `mb_1234${'*'.repeat(40)}` }, /masked form/],
    ['something else as key', { instanceUrl: 'x', apiKey: 'hunter2-hunter2' }, /begin with mb_/],
    ['no URL at all', { instanceUrl: 'what is this', apiKey: 'mb_123456789abc' }, /not a URL/],
  ])('refuses %s with 400 and says what to correct', async (_case, body, sentence) => {
    const answer = await connect(body);
    expect(answer).toMatchObject({
      status: 400,
      body: { type: 'urn:metabase-sync:problem:malformed-request' },
    });
    expect(answer.body.detail).toMatch(sentence);
    expect(answer.body.detail).not.toMatch(/secretsecret|hunter2/);
  });

  it.each([
    ['a wrong key', 'mb_wrongwrongwrong', 422, 'credentials-rejected'],
    ['a revoked key', undefined, 422, 'credentials-rejected'],
  ])('tells %s', async (_case, apiKey, status, problem) => {
    if (apiKey === undefined) system.metabase.revokeKey(system.metabase.adminKey);
    const answer = await connect({
      instanceUrl: system.metabase.url,
      apiKey: apiKey ?? system.metabase.adminKey,
    });
    expect(answer).toMatchObject({ status, body: { type: `urn:metabase-sync:problem:${problem}` } });
  });
});

describe('replacing the key', () => {
  const replace = (connectionId: string, apiKey: string, tenant = 'acme') =>
    system.request(
      'PUT /v1/connections/{connectionId}/credential',
      `/v1/connections/${connectionId}/credential`,
      {
        body: { apiKey },
        tenant,
      },
    );

  it('proves the new key first', async () => {
    const connectionId = await system.connect();
    const refused = await replace(connectionId, system.metabase.memberKey);
    expect(refused.status).toBe(422);
    const next = system.metabase.addKey({ name: 'next', groupId: 2 });
    const accepted = await replace(connectionId, next);
    expect(accepted).toMatchObject({ status: 200, body: { connectionId, status: 'pending' } });
    expect((await system.ports.credentials.get({ tenantId: 'acme', connectionId })).apiKey).toBe(next);
  });

  it("answers 404 for another tenant's connection", async () => {
    const connectionId = await system.connect();
    expect((await replace(connectionId, system.metabase.adminKey, 'other')).status).toBe(404);
  });
});

describe('asking for a sync', () => {
  const ask = (connectionId: string) =>
    system.request('POST /v1/connections/{connectionId}/sync', `/v1/connections/${connectionId}/sync`);

  it('answers 202 and queues it, then 429 with the time to wait', async () => {
    const connectionId = await system.connect();
    await system.sync();
    expect((await ask(connectionId)).status).toBe(202);
    expect(system.ports.state.messages).toMatchObject([{ trigger: 'request' }]);
    const tooSoon = await ask(connectionId);
    expect(tooSoon.status).toBe(429);
    expect(tooSoon.headers?.['retry-after']).toBe('60');
    system.clock.advance(1);
    expect((await ask(connectionId)).status).toBe(202);
  });

  it('answers 409 while one runs', async () => {
    const connectionId = await system.connect();
    await system.ports.leases.acquire({ tenantId: 'acme', connectionId }, system.clock.now(), 360_000);
    expect(await ask(connectionId)).toMatchObject({
      status: 409,
      body: { title: 'A sync is already running' },
    });
  });

  it('answers 404 for what is no connection id', async () => {
    expect((await ask('nonsense')).status).toBe(404);
  });
});

describe('disconnecting', () => {
  const disconnect = (connectionId: string, query?: Record<string, string>) =>
    system.request(
      'DELETE /v1/connections/{connectionId}',
      `/v1/connections/${connectionId}`,
      query ? { query } : {},
    );

  it('deletes the key, stops the schedule and keeps the rows', async () => {
    const connectionId = await system.connect();
    await system.sync();
    expect((await disconnect(connectionId)).status).toBe(204);
    await expect(system.ports.credentials.get({ tenantId: 'acme', connectionId })).rejects.toThrow();
    expect(await system.connection(connectionId)).toMatchObject({ status: 'disconnected', nextSyncAt: null });
    const users = await system.request(
      'GET /v1/connections/{connectionId}/users',
      `/v1/connections/${connectionId}/users`,
    );
    expect(users.body.users).toHaveLength(12);
    expect((await disconnect(connectionId)).status).toBe(204);
  });

  it('can purge everything, also later', async () => {
    const connectionId = await system.connect();
    await system.sync();
    await disconnect(connectionId);
    expect((await disconnect(connectionId, { purge: 'true' })).status).toBe(204);
    expect(await system.connection(connectionId)).toMatchObject({ status: 404 });
    const left = [...system.ports.state.partitions.values()].map(({ rows }) => rows.user.size);
    expect(left.every((size) => size === 0)).toBe(true);
  });

  it('can be undone by connecting again, and the next snapshot goes on from the last', async () => {
    const connectionId = await system.connect();
    await system.sync();
    await disconnect(connectionId);
    expect(await system.connect()).toBe(connectionId);
    await system.sync();
    expect(system.telemetry.counts).toMatchObject({ SyncPublished: 2, UserRowsWritten: 12 });
    expect(await system.connection(connectionId)).toMatchObject({ status: 'active' });
  });

  it('refuses a purge that is neither true nor false', async () => {
    const connectionId = await system.connect();
    expect((await disconnect(connectionId, { purge: 'perhaps' })).status).toBe(400);
  });
});
