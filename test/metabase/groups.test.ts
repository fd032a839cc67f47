import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { startSampleMetabase } from './server.ts';
import { internalUserId } from './world.ts';

type GroupRow = { id: number; name: string; member_count: number; magic_group_type?: string | null };

test('groups come as a bare array by name, whatever its case, and may be paged without a total', async () => {
  await using sample = await startSampleMetabase({ version: '0.49' });
  const groups: GroupRow[] = (await ask(sample, '/api/permissions/group')).body;
  const names = groups.map((group) => group.name.toLowerCase());
  expect(names).toEqual(names.toSorted());
  expect(Object.keys(groups[0] ?? {})).toEqual(['id', 'name', 'entity_id', 'member_count']);
  expect((await ask(sample, '/api/permissions/group?limit=2&offset=1')).body).toEqual(groups.slice(1, 3));
});

test.each([
  { version: '0.56', name: 'All Users', magic: ['admin', 'all-internal-users'] },
  {
    version: '0.58',
    name: 'All internal users',
    magic: ['admin', 'all-external-users', 'all-internal-users'],
  },
  {
    version: '0.63',
    name: 'All internal users',
    magic: ['admin', 'all-external-users', 'all-internal-users', 'data-analyst'],
  },
] as const)(
  '$version knows its magic groups by type, and group 1 as $name',
  async ({ version, name, magic }) => {
    await using sample = await startSampleMetabase({ version });
    const groups: GroupRow[] = (await ask(sample, '/api/permissions/group')).body;
    const types = groups.map((group) => group.magic_group_type).filter((type) => type !== null);
    expect(types.toSorted()).toEqual(magic);
    expect(groups.find((group) => group.id === 1)?.name).toBe(name);
  },
);

test('with tenants switched off their groups are hidden and their memberships are not', async () => {
  await using sample = await startSampleMetabase({ version: '0.63' });
  sample.world.useTenants = false;
  sample.world.touch();
  const { text } = await ask(sample, '/api/permissions/group');
  expect(text).not.toContain('"is_tenant_group":true');
  expect(text).toContain('"All Users"');
  const hidden = sample.world.magicGroup('all-external-users')?.id;
  expect((await ask(sample, '/api/permissions/membership')).text).toContain(`"group_id":${hidden},`);
});

test('groups can be narrowed by tenancy, and all is not a tenancy of groups', async () => {
  await using sample = await startSampleMetabase({ version: '0.63' });
  const external = (await ask(sample, '/api/permissions/group?tenancy=external')).body;
  expect(external).toHaveLength(2);
  expect((await ask(sample, '/api/permissions/group?tenancy=all')).status).toBe(400);
});

test('member counts include active keys and leave out the deactivated', async () => {
  await using sample = await startSampleMetabase({ version: '0.56' });
  const accounts = [...sample.world.people.values()].filter((account) => account.isActive);
  const groups: GroupRow[] = (await ask(sample, '/api/permissions/group')).body;
  const { total } = (await ask(sample, '/api/user?limit=1')).body;
  const counted = groups.find((group) => group.id === 1)?.member_count;
  expect(counted).toBe(accounts.length);
  expect(counted).toBe(total + 3);
});

test('the membership map holds everyone: deactivated people, keys, tenant users, the internal user', async () => {
  await using sample = await startSampleMetabase({ version: '0.63' });
  const { body } = await ask(sample, '/api/permissions/membership');
  expect(Object.keys(body).map(Number).toSorted()).toEqual([...sample.world.people.keys()].toSorted());
  expect(body[internalUserId]).toHaveLength(1);
  expect(Object.keys(body[1][0])).toEqual(['membership_id', 'group_id', 'user_id', 'is_group_manager']);
});

test('only licensed plans have group managers', async () => {
  await using pro = await startSampleMetabase({ version: '0.52', plan: 'pro-cloud' });
  await using free = await startSampleMetabase({ version: '0.52', plan: 'oss' });
  expect((await ask(pro, '/api/permissions/membership')).text).toContain('"is_group_manager":true');
  expect((await ask(free, '/api/permissions/membership')).text).not.toContain('"is_group_manager":true');
});

test('one group lists its active members, keys among them', async () => {
  await using sample = await startSampleMetabase();
  const { body } = await ask(sample, '/api/permissions/group/2');
  const emails: string[] = body.members.map((member: { email: string }) => member.email);
  expect(emails.some((email) => email.endsWith('@api-key.invalid'))).toBe(true);
  const active = [...sample.world.people.values()].filter((person) => person.isActive && person.isSuperuser);
  expect(emails).toHaveLength(active.length);
  expect(await ask(sample, '/api/permissions/group/999')).toMatchObject({ status: 404, text: 'Not found.' });
});
