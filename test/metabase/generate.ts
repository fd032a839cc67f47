import { draftPerson } from './cast.ts';
import { emptyGroupName, groupNames } from './names.ts';
import { knowsGroupManagers, licenseOf, type Plan } from './plans.ts';
import { createRandom, type Random } from './random.ts';
import { behaviorOf, type MetabaseVersion } from './versions.ts';
import {
  administratorsGroupId,
  allUsersGroupId,
  type Group,
  internalUserId,
  type Person,
  World,
} from './world.ts';

const opened = Date.parse('2023-03-01T09:00:00Z');
const dayMs = 86_400_000;
const newestDay = 1290;

type Founding = { version: MetabaseVersion; users: number; plan: Plan; seed: number };

/** A company of `users` personal accounts. Keys and sessions come later, see keys.ts. */
export function foundCompany({ version, users, plan, seed }: Founding): World {
  const random = createRandom(seed);
  const behavior = behaviorOf(version);
  const world = new World(version, licenseOf(plan, behavior, users));
  world.names.siteUuid = random.uuid();
  world.names.analyticsUuid = random.uuid();
  world.names.setupToken = random.uuid();

  const teams = openGroups(world, random);
  const namesakes = new Map<string, number>();
  for (let index = 0; index < users; index += 1) {
    addDraftedPerson(world, random, { index, teams, namesakes, hasManagers: knowsGroupManagers(plan) });
  }
  addInternalUser(world);
  return world;
}

function openGroups(world: World, random: Random): number[] {
  const { behavior } = world;
  const add = (id: number, group: Partial<Group> & { name: string }): void => {
    const fresh = { entityId: null, magicType: null, isTenantGroup: false };
    world.groups.set(id, { id, ...fresh, ...group });
  };
  add(allUsersGroupId, { name: 'All Users', magicType: 'all-internal-users' });
  add(administratorsGroupId, { name: 'Administrators', magicType: 'admin', entityId: random.entityId() });

  // Ids have gaps: groups come and go, and the ids of the newer magic groups differ per instance.
  let id = 2;
  const teams: number[] = [];
  for (const name of groupNames) {
    id += 1 + random.below(3);
    add(id, { name, entityId: random.chance(0.8) ? random.entityId() : null });
    if (name !== emptyGroupName) teams.push(id);
  }
  if (behavior.dataAnalysts) add(id + 3, { name: 'Data Analysts', magicType: 'data-analyst' });
  if (behavior.tenants) {
    add(id + 5, { name: 'All tenant users', magicType: 'all-external-users', isTenantGroup: true });
    add(id + 6, { name: 'Tenant viewers', entityId: random.entityId(), isTenantGroup: true });
  }
  return teams;
}

type Hiring = { index: number; teams: number[]; namesakes: Map<string, number>; hasManagers: boolean };

function addDraftedPerson(world: World, random: Random, hiring: Hiring): void {
  const { behavior } = world;
  const draft = draftPerson(hiring.index, random, behavior, hiring.hasManagers);
  const id = world.newPersonId(random.chance(0.1) ? random.below(4) : 0);
  const joinedDay = hiring.index === 0 ? 0 : random.below(newestDay);
  const seenDay = joinedDay + random.below(newestDay - joinedDay);
  const timeOf = (day: number): string => stamp(random, day, draft.hasBareTimes ? 0 : random.below(7));
  const joinedAt = timeOf(joinedDay);
  const lastLoginAt = timeOf(seenDay);
  const tenantId = 1 + random.below(3);
  const domain = draft.isExternal ? `customer${tenantId}.example` : 'northwind.example';

  const person: Person = {
    id,
    type: 'personal',
    email: freeEmail([draft.firstName, draft.lastName], domain, hiring.namesakes),
    firstName: draft.firstName,
    lastName: draft.lastName,
    isActive: draft.isActive,
    isSuperuser: draft.isSuperuser,
    isDataAnalyst: draft.isDataAnalyst,
    isQbnewb: random.chance(0.4),
    ssoSource: draft.ssoSource,
    locale: random.chance(0.2) ? random.pick(['de', 'fr', 'pt_BR']) : null,
    joinedAt,
    lastLoginAt: draft.neverSignedIn ? null : lastLoginAt,
    updatedAt: draft.hasBareTimes ? null : lastLoginAt,
    loginAttributes: random.chance(0.15)
      ? { region: 'EMEA', cost_center: `${4000 + random.below(50)}` }
      : null,
    jwtAttributes: draft.ssoSource === 'jwt' ? { team: 'partners' } : null,
    personalCollectionId: draft.isExternal || random.chance(0.1) ? null : id + 8,
    tenantId: draft.isExternal ? tenantId : null,
  };
  world.people.set(id, person);
  giveMemberships(world, random, person, hiring.teams, draft.isGroupManager);
}

function giveMemberships(
  world: World,
  random: Random,
  person: Person,
  teams: number[],
  manages: boolean,
): void {
  const chosen = Array.from(
    { length: manages ? 3 : random.below(4) },
    () => teams[random.below(teams.length)],
  );

  if (person.tenantId !== null) {
    const [everyone, viewers] = [...world.groups.values()].filter((group) => group.isTenantGroup);
    if (everyone) world.join(person.id, everyone.id);
    if (viewers && random.chance(0.5)) world.join(person.id, viewers.id);
    return;
  }
  for (const team of chosen) if (team !== undefined) world.join(person.id, team);
  world.join(person.id, allUsersGroupId);
  if (person.isSuperuser) world.join(person.id, administratorsGroupId);
  const analysts = person.isDataAnalyst ? world.magicGroup('data-analyst') : undefined;
  if (analysts) world.join(person.id, analysts.id);
  if (manages && chosen[0] !== undefined) world.join(person.id, chosen[0], true);
}

function addInternalUser(world: World): void {
  world.people.set(internalUserId, {
    id: internalUserId,
    type: 'internal',
    email: 'internal@metabase.com',
    firstName: 'Metabase',
    lastName: 'Internal',
    isActive: false,
    isSuperuser: false,
    isDataAnalyst: false,
    isQbnewb: false,
    ssoSource: null,
    locale: null,
    joinedAt: '2023-03-01T09:00:00Z',
    lastLoginAt: null,
    updatedAt: null,
    loginAttributes: null,
    jwtAttributes: null,
    personalCollectionId: null,
    tenantId: null,
  });
  world.join(internalUserId, allUsersGroupId);
}

// Dates and spellings are looked up, not computed: with 100,000 people they were two thirds of the time.
const dates = Array.from({ length: newestDay + 1 }, (_, day) => {
  return new Date(opened + day * dayMs).toISOString().slice(0, 10);
});
const spellings = new Map<string, string>();

function stamp(random: Random, day: number, fractionDigits: number): string {
  const second = random.below(86_400);
  const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
  const [hours, minutes, seconds] = clock.map((part) => (part < 10 ? `0${part}` : part));
  const fraction = `${1_000_000 + random.below(1_000_000)}`.slice(1, 1 + fractionDigits);
  return `${dates[day]}T${hours}:${minutes}:${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}

function freeEmail(names: (string | null)[], domain: string, namesakes: Map<string, number>): string {
  const local = names.flatMap((name) => (name === null ? [] : [spell(name)])).join('.') || 'team';
  const email = `${local}@${domain}`;
  const earlier = namesakes.get(email) ?? 0;
  namesakes.set(email, earlier + 1);
  return earlier === 0 ? email : `${local}${earlier + 1}@${domain}`;
}

function spell(name: string): string {
  const known = spellings.get(name);
  if (known !== undefined) return known;
  const spelling = name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z-]/g, '');
  spellings.set(name, spelling);
  return spelling;
}
