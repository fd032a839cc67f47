import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import type { Plan } from './plans.ts';
import { startSampleMetabase } from './server.ts';

const properties = '/api/session/properties';
const tokenStatus = '/api/premium-features/token/status';

test('each circle of callers sees all settings of the one around it, and more', async () => {
  await using sample = await startSampleMetabase();
  const names = async (key: string | null | undefined) =>
    Object.keys((await ask(sample, properties, { key })).body);
  const [public_, member, admin] = [await names(null), await names(sample.memberKey), await names(undefined)];
  expect(member).toEqual(expect.arrayContaining(public_));
  expect(admin).toEqual(expect.arrayContaining(member));
  expect(public_).toEqual(expect.arrayContaining(['version', 'token-features', 'setup-token', 'is-hosted?']));
  expect(public_).not.toContain('site-uuid');
  expect(member).toContain('site-uuid');
  expect(member).not.toContain('active-users-count');
  expect(admin).toEqual(expect.arrayContaining(['active-users-count', 'token-status']));
});

test('the settings are a large document', async () => {
  await using sample = await startSampleMetabase();
  expect((await ask(sample, properties)).text.length).toBeGreaterThan(10_000);
});

test('the active count of the instance covers tenant users and no keys', async () => {
  await using sample = await startSampleMetabase({ users: 200 });
  const { body } = await ask(sample, properties);
  const { total } = (await ask(sample, '/api/user?status=active&tenancy=all&limit=1')).body;
  expect(body['active-users-count']).toBe(total);
});

test.each<[Plan, string, boolean]>([
  ['oss', 'v0.63.2.7', false],
  ['unlicensed-ee', 'v1.63.2.7', false],
  ['starter', 'v1.63.2.7', true],
  ['pro-self-hosted', 'v1.63.2.7', false],
])('%s runs the build %s', async (plan, tag, hosted) => {
  await using sample = await startSampleMetabase({ plan });
  const { body } = await ask(sample, properties, { key: null });
  expect(body.version.tag).toBe(tag);
  expect(body['is-hosted?']).toBe(hosted);
});

test.each<Plan>(['oss', 'unlicensed-ee'])(
  '%s has no token: 404, and null among the settings',
  async (plan) => {
    await using sample = await startSampleMetabase({ plan });
    expect(await ask(sample, tokenStatus)).toMatchObject({ status: 404, text: 'Not found.' });
    const { body } = await ask(sample, properties);
    expect(body['token-status']).toBeNull();
    expect(Object.values(body['token-features']).some(Boolean)).toBe(false);
  },
);

test.each([
  { plan: 'starter', expected: { valid: true, 'plan-alias': 'starter' } },
  { plan: 'pro-cloud', expected: { valid: true, 'plan-alias': 'pro-cloud', trial: false } },
  { plan: 'enterprise-airgap', expected: { valid: true, 'max-users': 30, company: 'Northwind' } },
  { plan: 'expired', expected: { valid: false, features: [] } },
  { plan: 'store-timeout', expected: { valid: false, 'error-details': 'Token validation timed out.' } },
] as const)('the token of $plan says so in both places', async ({ plan, expected }) => {
  await using sample = await startSampleMetabase({ plan });
  const { body } = await ask(sample, tokenStatus);
  expect(body).toMatchObject(expected);
  expect((await ask(sample, properties)).body['token-status']).toEqual(body);
});

test.each([
  ['0.49', []],
  ['0.52', ['plan-alias']],
  ['0.56', ['plan-alias', 'store-users', 'quotas']],
] as const)('the token of %s has of the later keys: %j', async (version, present) => {
  await using sample = await startSampleMetabase({ version });
  const { body } = await ask(sample, tokenStatus);
  expect(['plan-alias', 'store-users', 'quotas'].filter((key) => key in body)).toEqual(present);
  expect(body).not.toHaveProperty('max-users');
});

test('paid routes do not exist in the open-source build, and cost money in the other', async () => {
  await using oss = await startSampleMetabase({ plan: 'oss' });
  await using starter = await startSampleMetabase({ plan: 'starter' });
  const missing = { status: 404, text: 'API endpoint does not exist.' };
  expect(await ask(oss, '/api/ee/audit-app/user', { key: null })).toMatchObject(missing);
  expect((await ask(starter, '/api/ee/audit-app/user')).body.status).toBe(
    'error-premium-feature-not-available',
  );
  expect((await ask(starter, '/api/ee/audit-app/user')).status).toBe(402);
});

test('billing has numbers for an air-gapped token and nothing for a key elsewhere', async () => {
  await using airgapped = await startSampleMetabase({ plan: 'enterprise-airgap' });
  await using cloud = await startSampleMetabase({ plan: 'pro-cloud' });
  const rows = (await ask(airgapped, '/api/ee/billing')).body.content;
  expect(rows[0].value - rows[1].value).toBe(airgapped.world.countActivePeople());
  expect((await ask(cloud, '/api/ee/billing')).body.content).toBeNull();
});
