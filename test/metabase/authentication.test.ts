import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { type SampleMetabase, startSampleMetabase } from './server.ts';

let sample: SampleMetabase;
beforeAll(async () => {
  sample = await startSampleMetabase();
});
afterAll(() => sample.close());

test('an unknown, a missing and a malformed key are all nobody, told in plain text', async () => {
  const wrong = [null, `mb_${'A'.repeat(43)}=`, 'mb_short', `x${sample.adminKey}`, `mb_${'A'.repeat(252)}`];
  for (const key of wrong) {
    const reply = await ask(sample, '/api/user/current', { key });
    expect(reply).toMatchObject({ status: 401, text: 'Unauthenticated', type: 'text/plain;charset=utf-8' });
  }
});

test('a key of a configuration file is good at 12 and at 254 characters', async () => {
  for (const secret of ['mb_AAAAAAAA=', `mb_${'B'.repeat(251)}`]) {
    sample.addKey({ name: `Key of ${secret.length}`, groupId: 2, secret });
    expect((await ask(sample, '/api/user/current', { key: secret })).body.is_superuser).toBe(true);
  }
});

test('a generated key has 47 characters and acts as a superuser through its group', async () => {
  expect(sample.adminKey).toHaveLength(47);
  const { body } = await ask(sample, '/api/user/current');
  expect(body).toMatchObject({
    is_superuser: true,
    first_name: 'Licence sync',
    last_name: '',
    last_login: null,
  });
  expect(body.email).toMatch(/^api-key-user-[0-9a-f-]{36}@api-key\.invalid$/);
  expect(body).not.toHaveProperty('type');
});

test('the time of the first login is another one at every call of a key', async () => {
  const [first, second] = [await ask(sample, '/api/user/current'), await ask(sample, '/api/user/current')];
  expect(first.body.first_login).not.toBe(second.body.first_login);
});

test('a key of All Users may sign in and see no one', async () => {
  const current = await ask(sample, '/api/user/current', { key: sample.memberKey });
  expect(current.body.is_superuser).toBe(false);
  const refusing = ['/api/user', '/api/permissions/group', '/api/permissions/membership', '/api/api-key'];
  for (const path of [...refusing, '/api/user/1', '/api/premium-features/token/status']) {
    const reply = await ask(sample, path, { key: sample.memberKey });
    expect(reply).toMatchObject({
      status: 403,
      text: "You don't have permissions to do that.",
      type: 'text/plain;charset=utf-8',
    });
  }
});

test('a key of Data Analysts lists people with their basic columns only', async () => {
  const { body } = await ask(sample, '/api/user?limit=1', { key: sample.analystKey });
  expect(Object.keys(body.data[0])).toEqual(['id', 'email', 'first_name', 'last_name', 'common_name']);
});

test('a session outranks the key, as header and as cookie; a stale one does not', async () => {
  const asked = async (headers: Record<string, string>) =>
    (await ask(sample, '/api/user/current', { headers })).body.is_superuser;
  expect(await asked({ 'X-Metabase-Session': sample.memberSession })).toBe(false);
  expect(await asked({ cookie: `metabase.DEVICE=a; metabase.SESSION=${sample.memberSession}` })).toBe(false);
  expect(await asked({ cookie: 'metabase.SESSION=stale' })).toBe(true);
});

test('every answer sets a device cookie, and the leaked session only when told so', async () => {
  const ordinary = await ask(sample, '/api/health', { key: null });
  expect(ordinary.headers.getSetCookie().join()).toMatch(/^metabase\.DEVICE=[^,]+$/);
  sample.faults.leakSession = true;
  const leaking = await ask(sample, '/api/health', { key: null });
  sample.clearFaults();
  expect(leaking.headers.getSetCookie().join()).toContain(`metabase.SESSION=${sample.memberSession}`);
});

test('a revoked key is nobody at once, and its account stays a member that no longer counts', async () => {
  const count = async () =>
    (await ask(sample, '/api/permissions/group')).body.find((group: { id: number }) => group.id === 1)
      .member_count;
  const key = sample.addKey({ name: 'Short-lived', groupId: 2 });
  const before = await count();
  const { id } = (await ask(sample, '/api/user/current', { key })).body;
  sample.revokeKey(key);
  expect((await ask(sample, '/api/user/current', { key })).status).toBe(401);
  expect(await count()).toBe(before - 1);
  expect((await ask(sample, '/api/permissions/membership')).body).toHaveProperty(String(id));
});

test('a key whose group was deleted falls back to All Users: known, but refused', async () => {
  const groupId = [...sample.world.groups.values()].find((group) => group.name === 'Finance')?.id ?? 0;
  const ordinary = sample.addKey({ name: 'Of Finance', groupId });
  const admin = sample.addKey({ name: 'Of Administrators', groupId: 2 });
  for (const key of [ordinary, admin]) {
    sample.deleteGroupOf(key);
    expect((await ask(sample, '/api/user/current', { key })).body).toMatchObject({
      is_superuser: false,
      group_ids: [1],
    });
    expect((await ask(sample, '/api/user', { key })).status).toBe(403);
  }
  expect(sample.world.groups.has(groupId)).toBe(false);
  expect(sample.world.groups.has(2)).toBe(true);
});

test('the list of keys masks each one and hides the key of SCIM', async () => {
  const { body } = await ask(sample, '/api/api-key');
  const own = body.find((key: { name: string }) => key.name === 'Licence sync');
  expect(own.masked_key).toBe(`${sample.adminKey.slice(0, 7)}${'*'.repeat(40)}`);
  expect(own.group).toEqual({ id: 2, name: 'Administrators' });
  expect((await ask(sample, '/api/api-key/count')).body).toBe(body.length);
  expect([...sample.world.keys.values()].filter((key) => key.scope === 'scim')).toHaveLength(1);
  expect(JSON.stringify(body)).not.toContain('SCIM');
});
