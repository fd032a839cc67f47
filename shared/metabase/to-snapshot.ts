import type { Group } from '#shared/domain/group.ts';
import type { TokenFacts } from '#shared/domain/license.ts';
import { authSources, type Membership, type User, type UserRole } from '#shared/domain/user.ts';
import { toIsoTime } from './iso-time.ts';
import type { GroupRow, MembershipRow, TokenStatus, UserRow } from './schemas.ts';

/** Classic ids of the two groups that every instance has; other magic groups have ids of their own. */
const allUsersId = 1;
const administratorsId = 2;

/** What is known about groups and who is in them. */
export interface Directory {
  readonly groups: ReadonlyMap<number, Group>;
  /** Those of listed groups only, ordered by group id. API keys' users are among the keys. */
  readonly memberships: ReadonlyMap<number, Membership[]>;
  /** Users that manage any group. */
  readonly managers: ReadonlySet<number>;
}

export function toDirectory(
  groupRows: readonly GroupRow[],
  membershipRows: Iterable<[userId: number, MembershipRow[]]>,
): Directory {
  const groups = new Map(groupRows.filter(tellsSomething).map((row) => [row.id, toGroup(row)]));
  const memberships = new Map<number, Membership[]>();
  const managers = new Set<number>();
  const share = sharedMemberships();
  for (const [userId, rows] of membershipRows) {
    if (rows.some(({ is_group_manager }) => is_group_manager)) managers.add(userId);
    const listed = rows.filter(({ group_id }) => groups.has(group_id));
    // An array made by `map` has no spare room, one made by `push` has room for 17: megabytes with 100,000 people.
    const own = listed.map(({ group_id, is_group_manager }) => share(group_id, is_group_manager === true));
    memberships.set(userId, own.sort(byId));
  }
  return { groups, memberships, managers };
}

/** One object for all members of a group: 100,000 people have few different memberships. */
function sharedMemberships(): (id: number, isManager: boolean) => Membership {
  const known = new Map<number, Membership>();
  return function share(id, isManager) {
    const key = isManager ? -id : id;
    const membership = known.get(key) ?? Object.freeze({ id, isManager });
    known.set(key, membership);
    return membership;
  };
}

const byId = (a: Membership, b: Membership) => a.id - b.id;

/** Everyone is in an all-users group, also where tenants have one of their own. */
function tellsSomething({ id, magic_group_type }: GroupRow): boolean {
  return (
    id !== allUsersId &&
    magic_group_type !== 'all-internal-users' &&
    magic_group_type !== 'all-external-users'
  );
}

function toGroup(row: GroupRow): Group {
  return { id: row.id, name: row.name, kind: groupKindOf(row) };
}

/** By type, never by name: names of magic groups are translated. Before v0.56 there was no type. */
function groupKindOf({ id, magic_group_type, is_tenant_group }: GroupRow): Group['kind'] {
  if (magic_group_type === 'admin') return 'admin';
  if (magic_group_type === undefined && id === administratorsId) return 'admin';
  if (magic_group_type === 'data-analyst') return 'data_analyst';
  return is_tenant_group ? 'tenant' : 'ordinary';
}

export function toUser(row: UserRow, directory: Directory): User {
  const groups = directory.memberships.get(row.id) ?? groupsOf(row, directory);
  const isExternal = (row.tenant_id ?? null) !== null;
  const names = [row.first_name, row.last_name].filter(Boolean).join(' ');
  return {
    id: row.id,
    email: row.email,
    firstName: row.first_name ?? null,
    lastName: row.last_name ?? null,
    displayName: row.common_name || names || row.email,
    status: row.is_active ? 'active' : 'deactivated',
    role: roleOf(row, groups, directory),
    kind: isExternal ? 'external' : 'internal',
    groups,
    authSource: authSourceOf(row.sso_source),
    joinedAt: toIsoTime(row.date_joined),
    lastLoginAt: toIsoTime(row.last_login),
    // Every account that is not deactivated counts: https://www.metabase.com/docs/latest/cloud/how-billing-works
    takesSeat: row.is_active,
    seatReason: !row.is_active ? 'deactivated' : isExternal ? 'active_tenant_account' : 'active_account',
  };
}

/** Someone who joined between the two answers is not in the map yet. */
function groupsOf({ group_ids }: UserRow, { groups }: Directory): Membership[] {
  const listed = (group_ids ?? []).filter((id) => groups.has(id));
  return listed.map((id) => ({ id, isManager: false })).sort(byId);
}

/** A deactivated account keeps its role: deactivating clears neither the flag nor the memberships. */
function roleOf(row: UserRow, memberships: readonly Membership[], { groups, managers }: Directory): UserRole {
  if (row.is_superuser) return 'admin';
  if (managers.has(row.id)) return 'group_manager';
  const isAnalyst =
    row.is_data_analyst ?? memberships.some(({ id }) => groups.get(id)?.kind === 'data_analyst');
  return isAnalyst ? 'data_analyst' : 'member';
}

function authSourceOf(ssoSource: string | null | undefined): User['authSource'] {
  if (ssoSource === null || ssoSource === undefined) return 'password';
  return authSources.find((known) => known === ssoSource && known !== 'password') ?? 'other';
}

export function toTokenFacts(token: TokenStatus): TokenFacts {
  return {
    valid: token.valid,
    status: token.status,
    errorDetails: token['error-details'] ?? null,
    trial: token.trial ?? null,
    validThru: toIsoTime(token['valid-thru']),
    planAlias: token['plan-alias'] ?? null,
    features: token.features ?? [],
    maxUsers: token['max-users'] ?? null,
  };
}
