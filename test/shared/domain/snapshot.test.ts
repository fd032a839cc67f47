import { describe, expect, it } from 'vitest';
import { countMembers } from '#shared/domain/group.ts';
import { countUsers, headerExpiry } from '#shared/domain/snapshot.ts';
import { visible } from '#shared/domain/versioned-row.ts';
import { someUser } from './arbitraries.ts';

const now = new Date('2026-06-30T00:00:00Z');

describe('the counts of a snapshot', () => {
  it('tell roles and idle seats of active users only', () => {
    const { users, activity } = countUsers(
      [
        someUser({ role: 'admin', lastLoginAt: '2026-06-29T00:00:00Z' }),
        someUser({ lastLoginAt: '2026-05-15T00:00:00Z' }),
        someUser({ lastLoginAt: '2026-01-01T00:00:00Z', kind: 'external' }),
        someUser({ role: 'admin', status: 'deactivated' }),
      ],
      now,
    );
    expect(users).toEqual({
      total: 4,
      active: 3,
      deactivated: 1,
      external: 1,
      activeByRole: { admin: 1, group_manager: 0, data_analyst: 0, member: 2 },
    });
    expect(activity).toEqual({ neverSignedIn: 0, noLogin30Days: 2, noLogin60Days: 1, noLogin90Days: 1 });
  });

  it("do not call yesterday's invitation an unused seat, but one of last year", () => {
    const invited = (joinedAt: string) => countUsers([someUser({ joinedAt })], now).activity;
    expect(invited('2026-06-29T00:00:00Z')).toMatchObject({ neverSignedIn: 1, noLogin30Days: 0 });
    expect(invited('2025-06-29T00:00:00Z')).toMatchObject({ neverSignedIn: 1, noLogin90Days: 1 });
  });

  it('count only active people as members of a group', () => {
    const groups = [{ id: 5, isManager: false }];
    const counts = countMembers([
      someUser({ groups }),
      someUser({ groups, status: 'deactivated' }),
      someUser(),
    ]);
    expect(counts).toEqual(new Map([[5, 1]]));
  });
});

describe('the header of a snapshot', () => {
  it('stays 400 days when it is the first of its day, otherwise 30', () => {
    const days = (previous: string | null) =>
      (headerExpiry(now, previous).getTime() - now.getTime()) / 86_400_000;
    expect(days(null)).toBe(400);
    expect(days('2026-06-29T23:59:00.000Z')).toBe(400);
    expect(days('2026-06-30T00:00:00.000Z')).toBe(30);
  });
});

describe('a stored row', () => {
  const row = { id: 1, version: 5, state: 'new', previous: { version: 3, state: 'old' } };

  it.each([
    ['its own state once its version is published', { publishedVersion: 5, abandonedVersions: [] }, 'new'],
    [
      'the state before while its version is being written',
      { publishedVersion: 4, abandonedVersions: [] },
      'old',
    ],
    [
      'the state before for ever when its writer died',
      { publishedVersion: 9, abandonedVersions: [5] },
      'old',
    ],
  ])('shows %s', (_case, view, state) => {
    expect(visible(row, view).state).toBe(state);
  });

  it('shows nothing while its first version is being written', () => {
    expect(
      visible({ ...row, previous: null }, { publishedVersion: 4, abandonedVersions: [] }).state,
    ).toBeNull();
  });

  it('tells a slow reader to start again when it was replaced twice meanwhile', () => {
    expect(() => visible(row, { publishedVersion: 2, abandonedVersions: [] })).toThrow(/Start again/);
  });
});
