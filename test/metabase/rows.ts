import type { Person, World } from './world.ts';

export function commonName(person: Person): string {
  const name = [person.firstName, person.lastName].filter((part) => part !== null && part !== '').join(' ');
  return name === '' ? person.email : name;
}

/** What an ordinary caller may know of someone. */
export function basicRow(person: Person) {
  return {
    id: person.id,
    email: person.email,
    first_name: person.firstName,
    last_name: person.lastName,
    common_name: commonName(person),
  };
}

/** The columns that every answer about one person to a superuser, or to themselves, has in common. */
export function personColumns(person: Person, world: World) {
  const { behavior } = world;
  return {
    ...basicRow(person),
    is_active: person.isActive,
    is_superuser: person.isSuperuser,
    is_qbnewb: person.isQbnewb,
    date_joined: person.joinedAt,
    last_login: person.lastLoginAt,
    updated_at: person.updatedAt,
    sso_source: person.ssoSource,
    locale: person.locale,
    login_attributes: person.loginAttributes,
    ...(behavior.tenantColumns && {
      tenant_id: person.tenantId,
      tenant_collection_id: tenantCollection(person),
    }),
    ...(behavior.jwtAttributes && { jwt_attributes: person.jwtAttributes }),
    ...(behavior.dataAnalysts && { is_data_analyst: person.isDataAnalyst }),
  };
}

/** `nonce` changes with each answer: group_ids come from a set, so a client may not rely on their order. */
export function superuserRow(person: Person, world: World, nonce: number) {
  return {
    ...personColumns(person, world),
    group_ids: groupIds(person, world, nonce),
    personal_collection_id: person.personalCollectionId,
  };
}

export function groupIds(person: Person, world: World, nonce: number): number[] {
  const ids = world.membershipsOf(person.id).map((membership) => membership.groupId);
  const cut = ids.length === 0 ? 0 : (person.id + nonce) % ids.length;
  return [...ids.slice(cut), ...ids.slice(0, cut)];
}

const tenantCollection = (person: Person): number | null =>
  person.tenantId === null ? null : 900 + person.tenantId;
