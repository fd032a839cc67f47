import { type Answer, invalid, json, jsonOf, notFound } from '../answers.ts';
import { type Group, perRevision, type World } from '../world.ts';
import type { Call, Route } from './call.ts';
import { isAnswer, pagingOf } from './parameters.ts';

export const groupRoutes: Route[] = [
  { path: /^\/api\/permissions\/group$/, for: 'superusers', answer: listGroups },
  { path: /^\/api\/permissions\/group\/(\d+)$/, for: 'superusers', answer: showGroup },
  {
    path: /^\/api\/permissions\/membership$/,
    for: 'superusers',
    answer: ({ groupFacts }) => jsonOf(groupFacts.membershipMap()),
  },
];

/** Both need a walk over everyone. */
export function createGroupFacts(world: World): Call['groupFacts'] {
  return {
    memberCounts: perRevision(world, () => countMembers(world)),
    membershipMap: perRevision(world, () => ({ plain: Buffer.from(membershipJson(world)) })),
  };
}

function listGroups({ world, query, groupFacts }: Call): Answer {
  const paging = pagingOf(query, world.behavior);
  if (isAnswer(paging)) return paging;
  const tenancy = world.behavior.tenants ? query.get('tenancy') : null;
  if (tenancy !== null && tenancy !== 'internal' && tenancy !== 'external') {
    return invalid('tenancy', 'one of internal, external', tenancy);
  }
  const counts = groupFacts.memberCounts();
  const groups = [...world.groups.values()]
    .filter((group) => world.isVisible(group))
    .filter((group) => tenancy === null || group.isTenantGroup === (tenancy === 'external'))
    .map((group) => ({ ...groupColumns(group, world), member_count: counts.get(group.id) ?? 0 }))
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const start = paging.offset ?? 0;
  return json(groups.slice(start, paging.limit === null ? undefined : start + paging.limit));
}

function groupColumns(group: Group, world: World) {
  return {
    id: group.id,
    name: world.displayName(group),
    entity_id: group.entityId,
    ...(world.behavior.magicGroupTypes && {
      magic_group_type: group.magicType,
      is_tenant_group: group.isTenantGroup,
    }),
  };
}

/** Active members only, keys among them. */
function showGroup({ world, id }: Call): Answer {
  const group = world.groups.get(id);
  if (!group) return notFound();
  const members = [];
  for (const person of world.people.values()) {
    const membership = world.membershipsOf(person.id).find((own) => own.groupId === id);
    if (!membership || !person.isActive) continue;
    members.push({
      membership_id: membership.id,
      user_id: person.id,
      first_name: person.firstName,
      last_name: person.lastName,
      email: person.email,
      is_superuser: person.isSuperuser,
      ...(world.hasFeature('advanced-permissions') && { is_group_manager: membership.isGroupManager }),
    });
  }
  const key = (name: string | null): string => name?.toLowerCase() ?? '\uffff';
  members.sort((a, b) =>
    key(a.first_name) + key(a.last_name) < key(b.first_name) + key(b.last_name) ? -1 : 1,
  );
  return json({ ...groupColumns(group, world), members });
}

/** Counts accounts of every type, so that each active key makes All Users one larger than its people. */
function countMembers(world: World): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [userId, memberships] of world.memberships) {
    if (!world.people.get(userId)?.isActive) continue;
    for (const { groupId } of memberships) counts.set(groupId, (counts.get(groupId) ?? 0) + 1);
  }
  return counts;
}

/** Everyone: deactivated people, tenant users, keys and the internal user too. */
function membershipJson(world: World): string {
  const entries: string[] = [];
  for (const [userId, memberships] of world.memberships) {
    if (memberships.length === 0) continue;
    const rows = memberships.map(
      ({ id, groupId, isGroupManager }) =>
        `{"membership_id":${id},"group_id":${groupId},"user_id":${userId},"is_group_manager":${isGroupManager}}`,
    );
    entries.push(`"${userId}":[${rows.join(',')}]`);
  }
  return `{${entries.join(',')}}`;
}
