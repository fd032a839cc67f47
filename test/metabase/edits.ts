import { addKey, type NewKey, revokeKey } from './keys.ts';
import type { Random } from './random.ts';
import { type ApiKey, administratorsGroupId, allUsersGroupId, type Person, type World } from './world.ts';

export type NewPerson = Partial<Omit<Person, 'id' | 'type'>> & { groupIds?: number[] };

export type Edits = ReturnType<typeof createEdits>;

/** What happens to an instance between two syncs, with the side effects that Metabase gives it. */
export function createEdits(world: World, random: Random) {
  function edit(id: number, change: (person: Person) => void): void {
    const person = world.people.get(id);
    if (!person) throw new Error(`The sample has no person ${id}.`);
    change(person);
    world.touch();
    person.updatedAt = world.now();
  }

  function setSuperuser(person: Person, isSuperuser: boolean): void {
    person.isSuperuser = isSuperuser;
    if (isSuperuser) world.join(person.id, administratorsGroupId);
    else world.leave(person.id, administratorsGroupId);
  }

  function fallBackToAllUsers(key: ApiKey): void {
    key.groupId = allUsersGroupId;
    const account = world.people.get(key.userId ?? 0);
    if (!account) return;
    setSuperuser(account, false);
    account.isDataAnalyst = false;
    for (const { groupId } of world.membershipsOf(account.id)) {
      if (groupId !== allUsersGroupId) world.leave(account.id, groupId);
    }
  }

  /** Keys of the group are not deleted: they fall back to All Users. Magic groups cannot be deleted. */
  function deleteGroup(groupId: number): void {
    if (world.groups.get(groupId)?.magicType !== null) throw new Error(`Group ${groupId} cannot be deleted.`);
    for (const key of world.keys.values()) if (key.groupId === groupId) fallBackToAllUsers(key);
    for (const userId of world.memberships.keys()) world.leave(userId, groupId);
    world.groups.delete(groupId);
    world.touch();
  }

  return {
    rename: (id: number, firstName: string | null, lastName?: string | null): void =>
      edit(id, (person) => {
        person.firstName = firstName;
        if (lastName !== undefined) person.lastName = lastName;
      }),

    /** Keeps the superuser flag and all memberships. */
    deactivate: (id: number): void =>
      edit(id, (person) => {
        person.isActive = false;
      }),

    /** Takes the superuser flag away. */
    reactivate: (id: number): void =>
      edit(id, (person) => {
        person.isActive = true;
        setSuperuser(person, false);
      }),

    promote: (id: number): void => edit(id, (person) => setSuperuser(person, true)),
    demote: (id: number): void => edit(id, (person) => setSuperuser(person, false)),

    signIn: (id: number, at?: string): void =>
      edit(id, (person) => {
        person.lastLoginAt = at ?? world.now();
      }),

    addPerson({ groupIds = [], ...fields }: NewPerson = {}): Person {
      const id = world.newPersonId();
      world.touch();
      const person: Person = {
        id,
        type: 'personal',
        email: `newcomer${id}@northwind.example`,
        firstName: 'New',
        lastName: 'Comer',
        isActive: true,
        isSuperuser: false,
        isDataAnalyst: false,
        isQbnewb: true,
        ssoSource: null,
        locale: null,
        joinedAt: world.now(),
        lastLoginAt: null,
        updatedAt: world.now(),
        loginAttributes: null,
        jwtAttributes: null,
        personalCollectionId: null,
        tenantId: null,
        ...fields,
      };
      world.people.set(id, person);
      const everyone = person.tenantId === null ? 'all-internal-users' : 'all-external-users';
      for (const groupId of [world.magicGroup(everyone)?.id, ...groupIds]) {
        if (groupId !== undefined) world.join(id, groupId);
      }
      const analysts = world.magicGroup('data-analyst');
      if (person.isDataAnalyst && analysts) world.join(id, analysts.id);
      if (person.isSuperuser) setSuperuser(person, true);
      return person;
    },

    /** No button in the product does this; restoring a backup does. */
    removePerson(id: number): void {
      world.people.delete(id);
      world.memberships.delete(id);
      world.touch();
    },

    /** Group changes leave updated_at alone. */
    setMembership(personId: number, groupId: number, as: 'member' | 'manager' | 'none'): void {
      const person = world.people.get(personId);
      const group = world.groups.get(groupId);
      if (!person || !group) throw new Error(`The sample has no person ${personId} or no group ${groupId}.`);
      if (as === 'none') world.leave(personId, groupId);
      else world.join(personId, groupId, as === 'manager');
      if (group.magicType === 'admin') person.isSuperuser = as !== 'none';
      if (group.magicType === 'data-analyst') person.isDataAnalyst = as !== 'none';
      world.touch();
    },

    renameGroup(groupId: number, name: string): void {
      const group = world.groups.get(groupId);
      if (!group) throw new Error(`The sample has no group ${groupId}.`);
      group.name = name;
      world.touch();
    },

    deleteGroup,

    /** For a key of a magic group, which cannot be deleted, only the key falls back to All Users. */
    deleteGroupOf(secret: string): void {
      const key = world.keys.get(secret);
      if (!key) throw new Error('The sample has no such key.');
      if (world.groups.get(key.groupId)?.magicType === null) deleteGroup(key.groupId);
      else fallBackToAllUsers(key);
      world.touch();
    },

    addKey: (key: NewKey): string => addKey(world, random, key),
    revokeKey: (secret: string): void => revokeKey(world, secret),
  };
}
