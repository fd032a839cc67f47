import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { startSampleMetabase } from './server.ts';
import { internalUserId } from './world.ts';

test.each([
  { version: '0.49', deactivated: 404, internal: 400, key: 200 },
  { version: '0.52', deactivated: 200, internal: 200, key: 200 },
  { version: '0.58', deactivated: 200, internal: 200, key: 200 },
  { version: '0.63', deactivated: 200, internal: 404, key: 404 },
] as const)('$version answers for single accounts by its own rules', async ({ version, ...expected }) => {
  await using sample = await startSampleMetabase({ version });
  const status = async (id: number | undefined) => (await ask(sample, `/api/user/${id}`)).status;
  const gone = [...sample.world.people.values()].find((person) => !person.isActive);
  const { id: ownId } = (await ask(sample, '/api/user/current')).body;
  expect(await status(1)).toBe(200);
  expect(await status(424242)).toBe(404);
  expect(await status(gone?.id)).toBe(expected.deactivated);
  expect(await status(internalUserId)).toBe(expected.internal);
  expect(await status(ownId)).toBe(expected.key);
});

test('one person has memberships instead of group ids, with manager flags only under advanced permissions', async () => {
  await using pro = await startSampleMetabase({ plan: 'pro-self-hosted' });
  await using free = await startSampleMetabase({ plan: 'oss' });
  const [licensed, unlicensed] = [
    (await ask(pro, '/api/user/1')).body,
    (await ask(free, '/api/user/1')).body,
  ];
  expect(licensed).not.toHaveProperty('group_ids');
  expect(licensed).not.toHaveProperty('personal_collection_id');
  expect(licensed.user_group_memberships[0]).toHaveProperty('is_group_manager');
  expect(unlicensed.user_group_memberships[0]).not.toHaveProperty('is_group_manager');
});

test.each([
  ['0.49', 'number'],
  ['0.52', 'number'],
  ['0.56', 'object'],
] as const)('in %s the collection of a key is a %s', async (version, type) => {
  await using sample = await startSampleMetabase({ version });
  expect(typeof (await ask(sample, '/api/user/current')).body.personal_collection_id).toBe(type);
});
