import { type Answer, forbidden, json, notFound, text } from '../answers.ts';
import type { ListFilter } from '../directory.ts';
import { basicRow, groupIds, personColumns, superuserRow } from '../rows.ts';
import type { Person, World } from '../world.ts';
import { type Call, type Route, signedIn } from './call.ts';
import { isAnswer, listFilterOf, type Paging, pagingOf } from './parameters.ts';

export const peopleRoutes: Route[] = [
  { path: /^\/api\/user$/, for: 'signed-in', answer: listPeople },
  { path: /^\/api\/user\/current$/, for: 'signed-in', answer: showCaller },
  { path: /^\/api\/user\/(\d+)$/, for: 'signed-in', answer: showPerson },
];

function listPeople(call: Call): Answer {
  const { world, faults, directory } = call;
  const caller = signedIn(call);
  if (!caller.isSuperuser && !caller.isDataAnalyst) return forbidden();
  const paging = pagingOf(call.query, world.behavior);
  if (isAnswer(paging)) return paging;
  const filter = listFilterOf(call.query, world.behavior, faults.dropUsers ?? 0);
  if (isAnswer(filter)) return filter;
  if (faults.emptyUsers) return json({ data: [], total: 0, ...paging });

  shiftPeople(call, filter, paging);
  const people = directory.page(filter, paging.offset ?? 0, paging.limit ?? Number.POSITIVE_INFINITY);
  const row = caller.isSuperuser ? (person: Person) => superuserRow(person, world, call.nonce) : basicRow;
  const total = directory.total(filter) + (faults.totalOffBy ?? 0);
  return json({ data: people.map(row), total, ...paging });
}

/** Someone on the first page moves to the end: everyone moves up, and one unread person is on a page already read. */
function shiftPeople({ faults, directory, rename }: Call, filter: ListFilter, { offset }: Paging): void {
  const times = Number(faults.shiftBetweenPages ?? 0);
  if (times <= 0 || !offset) return;
  const moved = directory.first(filter);
  if (!moved) return;
  faults.shiftBetweenPages = times - 1;
  rename(moved.id, `Žofie ${times}`);
}

function showCaller(call: Call): Answer {
  const { world, nonce } = call;
  const caller = signedIn(call);
  const { behavior } = world;
  const allowed = caller.isSuperuser;
  return json({
    ...personColumns(caller, world),
    group_ids: groupIds(caller, world, nonce),
    personal_collection_id: caller.personalCollectionId,
    is_installer: caller.id === 1,
    has_invited_second_user: false,
    // For an account that never signed in this is the time of the request: worthless as a fact.
    first_login: caller.lastLoginAt ?? new Date(Date.parse(world.now()) + nonce * 1000).toISOString(),
    has_question_and_dashboard: true,
    custom_homepage: null,
    ...(behavior.hasModel && { has_model: false }),
    ...(behavior.permissionsOfCaller && {
      permissions: {
        can_create_queries: true,
        can_create_native_queries: allowed,
        ...(world.hasFeature('advanced-permissions') && {
          can_access_setting: allowed,
          is_group_manager: false,
        }),
      },
    }),
    ...(behavior.dataAnalysts && { can_write_any_collection: allowed }),
  });
}

function showPerson(call: Call): Answer {
  const { world, id } = call;
  const caller = signedIn(call);
  if (!caller.isSuperuser && caller.id !== id) return forbidden();
  const person = world.people.get(id);
  if (!person) return notFound();
  const { behavior } = world;
  if (person.type !== 'personal' && behavior.hidesKeyUsersById) return notFound();
  if (!behavior.deactivatedPeopleById) {
    if (person.type === 'internal') return text(400, 'Not able to show the internal user');
    if (!person.isActive) return notFound();
  }
  return json({
    ...personColumns(person, world),
    user_group_memberships: memberships(person, world),
    ...(behavior.structuredAttributes && { structured_attributes: {} }),
  });
}

function memberships(person: Person, world: World): { id: number; is_group_manager?: boolean }[] {
  const showsManagers = world.hasFeature('advanced-permissions');
  return world.membershipsOf(person.id).map(({ groupId, isGroupManager }) => ({
    id: groupId,
    ...(showsManagers && { is_group_manager: isGroupManager }),
  }));
}
