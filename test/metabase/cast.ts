import { firstNames, lastNames } from './names.ts';
import type { Random } from './random.ts';
import type { Behavior } from './versions.ts';

/** What is decided about a person before ids, addresses and memberships exist. */
export type Draft = {
  firstName: string | null;
  lastName: string | null;
  isActive: boolean;
  isSuperuser: boolean;
  isDataAnalyst: boolean;
  isGroupManager: boolean;
  isExternal: boolean;
  neverSignedIn: boolean;
  ssoSource: string | null;
  /** Times without fraction digits, and no updated_at. */
  hasBareTimes: boolean;
};

/** The first 25 people carry every oddity once, so that the smallest sample already has them all. */
const cast: Partial<Draft>[] = [
  { isSuperuser: true, ssoSource: null },
  { isSuperuser: true, ssoSource: 'google' },
  // Deactivating keeps the flag and the memberships.
  { isSuperuser: true, isActive: false },
  { isActive: false },
  { firstName: null, lastName: null },
  { firstName: null },
  { lastName: null },
  { neverSignedIn: true },
  { firstName: 'Maria', lastName: 'Garcia' },
  { firstName: 'maria', lastName: 'GARCIA' },
  { firstName: 'Maria', lastName: 'Garcia', isActive: false },
  { ssoSource: 'ldap' },
  { ssoSource: 'jwt' },
  { ssoSource: 'saml' },
  { ssoSource: 'scim', neverSignedIn: true },
  { ssoSource: 'oidc' },
  { isExternal: true, ssoSource: 'jwt' },
  { isExternal: true, ssoSource: null, neverSignedIn: true },
  { isExternal: true, isActive: false },
  { isDataAnalyst: true },
  { isGroupManager: true },
  { isGroupManager: true, isDataAnalyst: true },
  { isActive: false, neverSignedIn: true },
  { hasBareTimes: true },
  { firstName: 'John', lastName: 'Smith' },
];

const plain: Draft = {
  firstName: null,
  lastName: null,
  isActive: true,
  isSuperuser: false,
  isDataAnalyst: false,
  isGroupManager: false,
  isExternal: false,
  neverSignedIn: false,
  ssoSource: null,
  hasBareTimes: false,
};

const signInWays = ['google', 'google', 'ldap', 'jwt', 'saml', 'saml', 'scim', 'oidc'] as const;

function anyone(random: Random): Draft {
  return {
    firstName: random.chance(0.02) ? null : random.pickPopular(firstNames),
    lastName: random.chance(0.02) ? null : random.pickPopular(lastNames),
    isActive: !random.chance(0.1),
    isSuperuser: random.chance(0.01),
    isDataAnalyst: random.chance(0.04),
    isGroupManager: random.chance(0.03),
    isExternal: random.chance(0.08),
    neverSignedIn: random.chance(0.07),
    ssoSource: random.chance(0.5) ? null : random.pick(signInWays),
    hasBareTimes: random.chance(0.05),
  };
}

/** Every draft draws the same number of random values, so all versions have the same people. */
export function draftPerson(index: number, random: Random, behavior: Behavior, hasManagers: boolean): Draft {
  const drawn = anyone(random);
  const role = cast[index];
  const named = role && {
    ...plain,
    firstName: drawn.firstName ?? 'Robin',
    lastName: drawn.lastName ?? 'Banks',
  };
  const draft = named ? { ...named, ...role } : drawn;

  const isExternal = draft.isExternal && behavior.tenants;
  return {
    ...draft,
    isExternal,
    isSuperuser: draft.isSuperuser && !isExternal,
    isDataAnalyst: draft.isDataAnalyst && !isExternal && behavior.dataAnalysts,
    isGroupManager: draft.isGroupManager && !isExternal && hasManagers,
    ssoSource: draft.ssoSource === 'oidc' && !behavior.oidc ? 'saml' : draft.ssoSource,
  };
}
