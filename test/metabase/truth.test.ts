import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { type SampleMetabase, startSampleMetabase } from './server.ts';
import { expectedSnapshot } from './truth.ts';
import { metabaseVersions } from './versions.ts';

type Row = Record<string, string | number | boolean | null> & { id: number; is_active: boolean };
type MembershipRow = { group_id: number; is_group_manager: boolean };
type GroupRow = { id: number; name: string; magic_group_type?: string | null };

/** A second reading of the API, from the answers alone. */
async function readSnapshot(sample: SampleMetabase) {
  const rows: Row[] = (await ask(sample, '/api/user?status=all&tenancy=all')).body.data;
  const map: Record<string, MembershipRow[]> = (await ask(sample, '/api/permissions/membership')).body;
  const groups: GroupRow[] = (await ask(sample, '/api/permissions/group')).body;
  const named = groups
    .filter(({ id, magic_group_type: magic }) => id !== 1 && magic !== 'all-external-users')
    .sort((a, b) => a.id - b.id);
  const of = (row: Row, group: GroupRow) =>
    map[row.id]?.find((membership) => membership.group_id === group.id);
  const iso = (time: unknown) => (time === null ? null : new Date(String(time)).toISOString());
  const role = (row: Row) => {
    if (row.is_superuser) return 'admin';
    if (map[row.id]?.some((membership) => membership.is_group_manager)) return 'group_manager';
    return row.is_data_analyst ? 'data_analyst' : 'member';
  };
  const users = rows
    .sort((a, b) => a.id - b.id)
    .map((row) => ({
      id: row.id,
      email: row.email,
      firstName: row.first_name,
      lastName: row.last_name,
      displayName: row.common_name,
      status: row.is_active ? 'active' : 'deactivated',
      role: role(row),
      kind: (row.tenant_id ?? null) === null ? 'internal' : 'external',
      groups: named.flatMap((group) => {
        const membership = of(row, group);
        return membership ? [{ id: group.id, name: group.name, isManager: membership.is_group_manager }] : [];
      }),
      authSource: row.sso_source === null ? 'password' : row.sso_source === 'oidc' ? 'other' : row.sso_source,
      joinedAt: iso(row.date_joined),
      lastLoginAt: iso(row.last_login),
      takesSeat: row.is_active,
    }));
  return {
    users,
    groups: named.map((group) => ({
      id: group.id,
      name: group.name,
      memberCount: rows.filter((row) => row.is_active && of(row, group)).length,
    })),
    seatsUsed: (await ask(sample, '/api/session/properties')).body['active-users-count'],
  };
}

test.each(metabaseVersions)('the answers of %s add up to the expected snapshot', async (version) => {
  await using sample = await startSampleMetabase({ version, users: 250 });
  const expected = expectedSnapshot(sample.world);
  expect(expected.users).toHaveLength(250);
  expect(await readSnapshot(sample)).toEqual(expected);
});

test('open source with tenants switched off adds up too', async () => {
  await using sample = await startSampleMetabase({ version: '0.63', users: 120, plan: 'oss' });
  sample.world.useTenants = false;
  sample.world.touch();
  expect(await readSnapshot(sample)).toEqual(expectedSnapshot(sample.world));
});

test('changes between two syncs show up in the answers with their side effects', async () => {
  await using sample = await startSampleMetabase({ users: 60 });
  const find = (wanted: { isSuperuser: boolean; isActive: boolean }) => {
    const found = [...sample.world.people.values()].find(
      (person) =>
        person.type === 'personal' &&
        person.isActive === wanted.isActive &&
        person.isSuperuser === wanted.isSuperuser &&
        person.tenantId === null,
    );
    return found?.id ?? 0;
  };
  const formerAdmin = find({ isSuperuser: true, isActive: false });
  const member = find({ isSuperuser: false, isActive: true });
  const team = [...sample.world.groups.values()].find((group) => group.magicType === null)?.id ?? 0;

  sample.reactivate(formerAdmin);
  sample.promote(member);
  sample.rename(member, 'Renée');
  sample.signIn(member);
  sample.setMembership(formerAdmin, team, 'manager');
  sample.demote(1);
  sample.renameGroup(team, 'Sales & Success');
  const added = sample.addPerson({ firstName: null, lastName: null, tenantId: 2, ssoSource: 'saml' });
  const leaving = sample.addPerson({ isSuperuser: true });
  sample.deactivate(leaving.id);
  sample.removePerson(sample.addPerson().id);

  const expected = expectedSnapshot(sample.world);
  expect(await readSnapshot(sample)).toEqual(expected);
  const user = (id: number) => expected.users.find((candidate) => candidate.id === id);
  expect(user(formerAdmin)).toMatchObject({ status: 'active', role: 'group_manager' });
  expect(user(member)).toMatchObject({ role: 'admin', firstName: 'Renée' });
  expect(user(member)?.groups.map((group) => group.id)).toContain(2);
  expect(user(1)).toMatchObject({ role: 'member' });
  expect(user(added.id)).toMatchObject({ kind: 'external', displayName: added.email, groups: [] });
  expect(user(leaving.id)).toMatchObject({ status: 'deactivated', role: 'admin', takesSeat: false });
});

test('deleting a group takes its memberships along', async () => {
  await using sample = await startSampleMetabase({ users: 60 });
  const team = [...sample.world.groups.values()].find((group) => group.magicType === null)?.id ?? 0;
  sample.deleteGroup(team);
  expect((await ask(sample, '/api/permissions/membership')).text).not.toContain(`"group_id":${team},`);
  expect(await readSnapshot(sample)).toEqual(expectedSnapshot(sample.world));
});
