import { describe, expect, it } from 'vitest';
import { licenseChange, userChange } from '#shared/domain/change.ts';
import { readLicense } from '#shared/domain/license.ts';
import { someUser } from './arbitraries.ts';

const kinds = (before: Parameters<typeof someUser>[0], after: Parameters<typeof someUser>[0]) =>
  userChange(someUser(before), someUser(after)).kinds;

describe('a change of a user', () => {
  it('is named after what happened', () => {
    expect(userChange(null, someUser()).kinds).toEqual(['joined']);
    expect(userChange(someUser(), null).kinds).toEqual(['left']);
    expect(kinds({ status: 'active' }, { status: 'deactivated' })).toEqual(['deactivated']);
    expect(kinds({ status: 'deactivated' }, { status: 'active' })).toEqual(['reactivated']);
    expect(kinds({ firstName: 'Ana' }, { firstName: 'Anna', displayName: 'Anna Li' })).toEqual(['renamed']);
    expect(kinds({}, { email: 'li@example.com' })).toEqual(['email_changed']);
    expect(kinds({}, { groups: [{ id: 5, isManager: false }] })).toEqual(['groups_changed']);
    expect(kinds({}, { authSource: 'saml' })).toEqual(['account_changed']);
  });

  it('calls a promotion a change of role only, although Administrators is a group, too', () => {
    expect(kinds({}, { role: 'admin', groups: [{ id: 2, isManager: false }] })).toEqual(['role_changed']);
  });

  it('calls becoming the manager of a group a change of role only', () => {
    const before = { groups: [{ id: 5, isManager: false }] };
    expect(kinds(before, { role: 'group_manager', groups: [{ id: 5, isManager: true }] })).toEqual([
      'role_changed',
    ]);
  });

  it('says both when a promotion comes with another group', () => {
    const groups = [
      { id: 2, isManager: false },
      { id: 9, isManager: false },
    ];
    expect(kinds({}, { role: 'admin', groups })).toEqual(['role_changed', 'groups_changed']);
  });

  it('does not call a name that falls back to the e-mail a renaming', () => {
    const before = { firstName: null, lastName: null, displayName: 'a@example.com', email: 'a@example.com' };
    expect(kinds(before, { ...before, displayName: 'b@example.com', email: 'b@example.com' })).toEqual([
      'email_changed',
    ]);
  });

  it('is no event when somebody merely signed in, yet keeps the time before', () => {
    const change = userChange(someUser(), someUser({ lastLoginAt: '2025-02-01T00:00:00.000Z' }));
    expect(change).toMatchObject({
      kinds: [],
      before: { lastLoginAt: null },
      after: { lastLoginAt: '2025-02-01T00:00:00.000Z' },
    });
  });
});

describe('a change of the license', () => {
  const facts = { token: 'none', hosted: false, activeUsersCount: null } as const;

  it('is no event when only more seats are used', () => {
    expect(licenseChange(readLicense(facts, 10, null), readLicense(facts, 11, null)).kinds).toEqual([]);
  });

  it('is an event when what is granted changed', () => {
    const cloud = readLicense({ ...facts, hosted: true }, 10, null);
    expect(licenseChange(readLicense(facts, 10, null), cloud).kinds).toEqual(['license_changed']);
  });
});
