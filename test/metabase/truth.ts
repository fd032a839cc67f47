import type { Group, Membership, Person, World } from './world.ts';

type ExpectedGroup = { id: number; name: string; isManager: boolean };

type ExpectedUser = {
  id: number;
  email: string;
  firstName: string | null;
  lastName: string | null;
  displayName: string;
  status: 'active' | 'deactivated';
  role: 'admin' | 'group_manager' | 'data_analyst' | 'member';
  kind: 'internal' | 'external';
  groups: ExpectedGroup[];
  authSource: 'password' | 'google' | 'ldap' | 'jwt' | 'saml' | 'scim' | 'other';
  joinedAt: string;
  lastLoginAt: string | null;
  takesSeat: boolean;
};

export type ExpectedSnapshot = {
  users: ExpectedUser[];
  groups: { id: number; name: string; memberCount: number }[];
  seatsUsed: number;
};

/** What a correct sync knows after reading this world: taken from the world itself, not from any answer. */
export function expectedSnapshot(world: World): ExpectedSnapshot {
  const people = peopleById(world);
  const groups = groupsWorthNaming(world);
  const users = people.map((person) => expectedUser(person, world.membershipsOf(person.id), groups, world));
  return {
    users,
    groups: [...groups.values()].map((group) => ({
      id: group.id,
      name: world.displayName(group),
      memberCount: people.filter((person) => person.isActive && belongsTo(person, group, world)).length,
    })),
    seatsUsed: users.filter((user) => user.takesSeat).length,
  };
}

function expectedUser(
  person: Person,
  memberships: Membership[],
  groups: Map<number, Group>,
  world: World,
): ExpectedUser {
  const named = [person.firstName, person.lastName].filter(Boolean).join(' ');
  return {
    id: person.id,
    email: person.email,
    firstName: person.firstName,
    lastName: person.lastName,
    displayName: named || person.email,
    status: person.isActive ? 'active' : 'deactivated',
    role: highestRole(person, memberships),
    kind: person.tenantId === null ? 'internal' : 'external',
    groups: memberships
      .flatMap(({ groupId, isGroupManager }) => {
        const group = groups.get(groupId);
        return group ? [{ id: groupId, name: world.displayName(group), isManager: isGroupManager }] : [];
      })
      .sort((a, b) => a.id - b.id),
    authSource: authSourceOf(person.ssoSource),
    joinedAt: new Date(person.joinedAt).toISOString(),
    lastLoginAt: person.lastLoginAt === null ? null : new Date(person.lastLoginAt).toISOString(),
    takesSeat: person.isActive,
  };
}

function highestRole(person: Person, memberships: Membership[]): ExpectedUser['role'] {
  if (person.isSuperuser) return 'admin';
  if (memberships.some((membership) => membership.isGroupManager)) return 'group_manager';
  return person.isDataAnalyst ? 'data_analyst' : 'member';
}

function authSourceOf(ssoSource: string | null): ExpectedUser['authSource'] {
  switch (ssoSource) {
    case null:
      return 'password';
    case 'google':
    case 'ldap':
    case 'jwt':
    case 'saml':
    case 'scim':
      return ssoSource;
    default:
      return 'other';
  }
}

function peopleById(world: World): Person[] {
  const people = [...world.people.values()].filter((person) => person.type === 'personal');
  return people.sort((a, b) => a.id - b.id);
}

/** Membership in the groups of everyone says nothing; hidden groups cannot be seen. */
function groupsWorthNaming(world: World): Map<number, Group> {
  const groups = [...world.groups.values()].filter(
    (group) =>
      group.magicType !== 'all-internal-users' &&
      group.magicType !== 'all-external-users' &&
      world.isVisible(group),
  );
  return new Map(groups.sort((a, b) => a.id - b.id).map((group) => [group.id, group]));
}

const belongsTo = (person: Person, group: Group, world: World): boolean =>
  world.membershipsOf(person.id).some((membership) => membership.groupId === group.id);
