import { describe, expect, test } from 'vitest';
import type { GroupRow, MembershipRow, UserRow } from '#shared/metabase/schemas.ts';
import { toDirectory, toTokenFacts, toUser } from '#shared/metabase/to-snapshot.ts';

const today: GroupRow[] = [
  { id: 1, name: 'All internal users', magic_group_type: 'all-internal-users', is_tenant_group: false },
  { id: 2, name: 'Administrators', magic_group_type: 'admin', is_tenant_group: false },
  { id: 5, name: 'Sales', magic_group_type: null, is_tenant_group: false },
  { id: 8, name: 'Analistas', magic_group_type: 'data-analyst', is_tenant_group: false },
  { id: 9, name: 'All tenant users', magic_group_type: 'all-external-users', is_tenant_group: true },
  { id: 10, name: 'Tenant viewers', magic_group_type: null, is_tenant_group: true },
];
const before056: GroupRow[] = today.slice(0, 3).map(({ id, name }) => ({ id, name }));

const ana: UserRow = {
  id: 12,
  email: 'ana@example.com',
  first_name: 'Ana',
  last_name: 'Li',
  common_name: 'Ana Li',
  is_active: true,
  is_superuser: false,
  date_joined: '2025-03-01T09:00:00.12Z',
  last_login: null,
};

const member = (group_id: number): MembershipRow => ({ group_id, is_group_manager: false });
const manager = (group_id: number): MembershipRow => ({ group_id, is_group_manager: true });

function mapped(row: Partial<UserRow> = {}, memberships?: MembershipRow[], groups = today) {
  const map: [number, MembershipRow[]][] = memberships ? [[ana.id, memberships]] : [];
  return toUser({ ...ana, ...row }, toDirectory(groups, map));
}

test('an account becomes a user, with times in UTC and nothing that is not needed', () => {
  expect(mapped({ sso_source: 'saml' }, [member(1), member(5)])).toEqual({
    id: 12,
    email: 'ana@example.com',
    firstName: 'Ana',
    lastName: 'Li',
    displayName: 'Ana Li',
    status: 'active',
    role: 'member',
    kind: 'internal',
    groups: [{ id: 5, isManager: false }],
    authSource: 'saml',
    joinedAt: '2025-03-01T09:00:00.120Z',
    lastLoginAt: null,
    takesSeat: true,
    seatReason: 'active_account',
  });
});

describe('the role', () => {
  test('is the highest that applies', () => {
    expect(mapped({ is_superuser: true, is_data_analyst: true }, [member(2), manager(5)]).role).toBe('admin');
    expect(mapped({ is_data_analyst: true }, [manager(5), member(8)]).role).toBe('group_manager');
    expect(mapped({ is_data_analyst: true }, [member(8)]).role).toBe('data_analyst');
    expect(mapped({ is_data_analyst: false }, [member(5)]).role).toBe('member');
  });

  test('is told by the flag for data analysts, and by the group where there is no flag', () => {
    expect(mapped({}, [member(8)]).role).toBe('data_analyst');
    expect(mapped({ is_data_analyst: false }, [member(8)]).role).toBe('member');
  });

  test('stays when the account is deactivated, whose seat is free', () => {
    expect(mapped({ is_superuser: true, is_active: false }, [member(2)])).toMatchObject({
      status: 'deactivated',
      role: 'admin',
      takesSeat: false,
      seatReason: 'deactivated',
    });
  });

  test('counts managing a group that is hidden', () => {
    expect(mapped({}, [manager(10)], today.slice(0, 4))).toMatchObject({ role: 'group_manager', groups: [] });
  });
});

describe('groups', () => {
  test('are ordered by id, without those of all users and those that are not listed', () => {
    expect(mapped({}, [member(9), member(10), manager(5), member(1), member(77)]).groups).toEqual([
      { id: 5, isManager: true },
      { id: 10, isManager: false },
    ]);
  });

  test('come from the row when someone joined after the map was read', () => {
    expect(mapped({ group_ids: [5, 1, 2] }).groups).toEqual([
      { id: 2, isManager: false },
      { id: 5, isManager: false },
    ]);
    expect(mapped().groups).toEqual([]);
  });

  test('are what the map says when both tell', () => {
    expect(mapped({ group_ids: [5] }, [member(1)]).groups).toEqual([]);
  });

  test('have a kind by their type, whatever their name', () => {
    expect([...toDirectory(today, []).groups.values()]).toEqual([
      { id: 2, name: 'Administrators', kind: 'admin' },
      { id: 5, name: 'Sales', kind: 'ordinary' },
      { id: 8, name: 'Analistas', kind: 'data_analyst' },
      { id: 10, name: 'Tenant viewers', kind: 'tenant' },
    ]);
  });

  test('have the classic ids before v0.56 told types', () => {
    expect([...toDirectory(before056, []).groups.values()]).toEqual([
      { id: 2, name: 'Administrators', kind: 'admin' },
      { id: 5, name: 'Sales', kind: 'ordinary' },
    ]);
  });
});

test.each([
  [{ first_name: null, last_name: 'Li', common_name: null }, 'Li'],
  [{ first_name: 'Ana', last_name: null, common_name: '' }, 'Ana'],
  [{ first_name: null, last_name: null, common_name: null }, 'ana@example.com'],
])('the display name falls back from %o to %s', (row, expected) => {
  expect(mapped(row).displayName).toBe(expected);
});

test.each([
  [null, 'password'],
  [undefined, 'password'],
  ['google', 'google'],
  ['ldap', 'ldap'],
  ['jwt', 'jwt'],
  ['saml', 'saml'],
  ['scim', 'scim'],
  ['oidc', 'other'],
  ['password', 'other'],
])('sso_source %s signs in by %s', (source, expected) => {
  expect(mapped({ sso_source: source }).authSource).toBe(expected);
});

test("a tenant's user is external and takes a seat", () => {
  expect(mapped({ tenant_id: 3 })).toMatchObject({ kind: 'external', seatReason: 'active_tenant_account' });
  expect(mapped({ tenant_id: null })).toMatchObject({ kind: 'internal', seatReason: 'active_account' });
});

test('a token tells null for what it does not tell', () => {
  expect(toTokenFacts({ valid: true, status: 'Token is valid.' })).toEqual({
    valid: true,
    status: 'Token is valid.',
    errorDetails: null,
    trial: null,
    validThru: null,
    planAlias: null,
    features: [],
    maxUsers: null,
  });
});
