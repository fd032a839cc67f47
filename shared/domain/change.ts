import { isDeepStrictEqual } from 'node:util';
import type { Group } from './group.ts';
import { grants, type License } from './license.ts';
import type { User } from './user.ts';
import type { Entity, EntityId } from './versioned-row.ts';

type UserChangeKind =
  | 'joined'
  | 'left'
  | 'deactivated'
  | 'reactivated'
  | 'role_changed'
  | 'groups_changed'
  | 'renamed'
  | 'email_changed'
  | 'account_changed';
type ChangeKind = UserChangeKind | 'group_added' | 'group_removed' | 'group_renamed' | 'license_changed';

/** The fields that changed, with their values; null stands for "was not there". */
type Part = Readonly<Record<string, unknown>> | null;

/**
 * One entry of the change log. `kinds` is empty where nothing happened that is an event (a sign-in, a seat more
 * in use): such an entry only makes the moment before it recoverable.
 */
export interface Change {
  readonly entity: Entity;
  readonly id: EntityId;
  readonly kinds: readonly ChangeKind[];
  readonly before: Part;
  readonly after: Part;
}

type State = User | Group | License;

export function userChange(before: User | null, after: User | null): Change {
  return change('user', (before ?? after)?.id ?? 0, userKinds(before, after), before, after);
}

export function groupChange(before: Group | null, after: Group | null): Change {
  const kind = before === null ? 'group_added' : after === null ? 'group_removed' : 'group_renamed';
  return change('group', (before ?? after)?.id ?? 0, [kind], before, after);
}

export function licenseChange(before: License | null, after: License | null): Change {
  const same = before && after && isDeepStrictEqual(grants(before), grants(after));
  return change(
    'license',
    (before ?? after)?.licenseId ?? '',
    same ? [] : ['license_changed'],
    before,
    after,
  );
}

function userKinds(before: User | null, after: User | null): UserChangeKind[] {
  if (before === null) return ['joined'];
  if (after === null) return ['left'];
  const differs = (...fields: (keyof User)[]) =>
    fields.some((field) => !isDeepStrictEqual(before[field], after[field]));
  const kinds: UserChangeKind[] = [];
  if (differs('status')) kinds.push(after.status === 'active' ? 'reactivated' : 'deactivated');
  if (differs('role')) kinds.push('role_changed');
  if (groupsChanged(before, after)) kinds.push('groups_changed');
  if (differs('firstName', 'lastName') || (differs('displayName') && !differs('email')))
    kinds.push('renamed');
  if (differs('email')) kinds.push('email_changed');
  if (differs('authSource', 'kind', 'joinedAt')) kinds.push('account_changed');
  return kinds;
}

/** Classic id of Metabase's Administrators group; membership in it and the role are two sides of one thing. */
const administratorsId = 2;

/** What the change of role already says (Administrators, the manager flag) is not said again. */
function groupsChanged(before: User, after: User): boolean {
  const roleChanged = before.role !== after.role;
  const relevant = (user: User) =>
    roleChanged ? user.groups.map(({ id }) => id).filter((id) => id !== administratorsId) : user.groups;
  return !isDeepStrictEqual(relevant(before), relevant(after));
}

function change(
  entity: Entity,
  id: EntityId,
  kinds: ChangeKind[],
  before: State | null,
  after: State | null,
): Change {
  if (before === null || after === null)
    return { entity, id, kinds, before: copy(before), after: copy(after) };
  const fields = (Object.keys(after) as (keyof typeof after)[]).filter(
    (field) => !isDeepStrictEqual(before[field], after[field]),
  );
  return { entity, id, kinds, before: pick(before, fields), after: pick(after, fields) };
}

function copy(state: State | null): Part {
  return state === null ? null : { ...state };
}

function pick(state: State, fields: string[]): Part {
  return Object.fromEntries(Object.entries(state).filter(([field]) => fields.includes(field)));
}

type States<S> = Map<EntityId, S>;

/** Applies changes of one entity, in their order, to a copy of `states`. */
export function applyChanges<S>(states: ReadonlyMap<EntityId, S>, changes: Iterable<Change>): States<S> {
  return replay(states, changes, ({ before, after }) => ({ from: before, to: after }));
}

/** Takes changes back, the newest first: gives the states as they were before the oldest of them. */
export function undoChanges<S>(states: ReadonlyMap<EntityId, S>, newestFirst: Iterable<Change>): States<S> {
  return replay(states, newestFirst, ({ before, after }) => ({ from: after, to: before }));
}

function replay<S>(
  states: ReadonlyMap<EntityId, S>,
  changes: Iterable<Change>,
  direction: (change: Change) => { from: Part; to: Part },
): States<S> {
  const result = new Map(states);
  for (const entry of changes) {
    const { from, to } = direction(entry);
    if (to === null) result.delete(entry.id);
    else if (from === null) result.set(entry.id, to as S);
    else result.set(entry.id, { ...result.get(entry.id), ...to } as S);
  }
  return result;
}
