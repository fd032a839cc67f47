import type { Random } from './random.ts';
import { administratorsGroupId, allUsersGroupId, type Person, type World } from './world.ts';

export type NewKey = { name: string; groupId: number; secret?: string };

/** Adds the key and the hidden account that it acts as; gives the secret. */
export function addKey(
  world: World,
  random: Random,
  { name, groupId, secret = random.apiKey() }: NewKey,
): string {
  const createdAt = '2026-01-05T10:00:00.12345Z';
  const userId = world.newPersonId();
  const account: Person = {
    id: userId,
    type: 'api-key',
    email: `api-key-user-${random.uuid()}@api-key.invalid`,
    firstName: name,
    lastName: '',
    isActive: true,
    isSuperuser: groupId === administratorsGroupId,
    isDataAnalyst: world.groups.get(groupId)?.magicType === 'data-analyst',
    isQbnewb: true,
    ssoSource: null,
    locale: null,
    joinedAt: createdAt,
    lastLoginAt: null,
    updatedAt: createdAt,
    loginAttributes: null,
    jwtAttributes: null,
    personalCollectionId: world.behavior.keyUsersOwnCollections ? userId + 8 : null,
    tenantId: null,
  };
  world.people.set(userId, account);
  world.join(userId, allUsersGroupId);
  if (groupId !== allUsersGroupId) world.join(userId, groupId);
  world.keys.set(secret, { id: world.keys.size + 1, name, secret, userId, groupId, scope: null, createdAt });
  world.touch();
  return secret;
}

/** Deleting a key leaves its account behind, inactive and still a member. */
export function revokeKey(world: World, secret: string): void {
  const key = world.keys.get(secret);
  const account = world.people.get(key?.userId ?? 0);
  if (account) account.isActive = false;
  world.keys.delete(secret);
  world.touch();
}

/** The SCIM key is hidden from the list of keys; the other two are in it and inflate the member counts. */
export function addKeysOfTheHouse(world: World, random: Random): void {
  const team = [...world.groups.values()].find((group) => group.magicType === null)?.id ?? allUsersGroupId;
  addKey(world, random, { name: 'Nightly export', groupId: team });
  revokeKey(world, addKey(world, random, { name: 'Forgotten script', groupId: team }));
  if (!world.hasFeature('scim')) return;
  const secret = random.apiKey();
  const createdAt = '2025-06-02T07:30:00Z';
  world.keys.set(secret, {
    id: world.keys.size + 1,
    name: 'Metabase SCIM API Key - DO NOT DELETE',
    secret,
    userId: null,
    groupId: allUsersGroupId,
    scope: 'scim',
    createdAt,
  });
}
