import type { License } from './plans.ts';
import { type Behavior, behaviorOf, type MetabaseVersion } from './versions.ts';

export const allUsersGroupId = 1;
export const administratorsGroupId = 2;
export const internalUserId = 13371338;

export type Person = {
  id: number;
  /** Only personal accounts are people; the list of users never shows the other two. */
  type: 'personal' | 'api-key' | 'internal';
  email: string;
  firstName: string | null;
  lastName: string | null;
  isActive: boolean;
  isSuperuser: boolean;
  isDataAnalyst: boolean;
  isQbnewb: boolean;
  ssoSource: string | null;
  locale: string | null;
  /** Times are kept as Metabase prints them: 0 to 6 fraction digits. */
  joinedAt: string;
  lastLoginAt: string | null;
  updatedAt: string | null;
  loginAttributes: Record<string, string> | null;
  jwtAttributes: Record<string, string> | null;
  personalCollectionId: number | null;
  tenantId: number | null;
};

export type MagicGroupType = 'all-internal-users' | 'all-external-users' | 'admin' | 'data-analyst';

export type Group = {
  id: number;
  name: string;
  entityId: string | null;
  magicType: MagicGroupType | null;
  isTenantGroup: boolean;
};

export type Membership = { id: number; userId: number; groupId: number; isGroupManager: boolean };

export type ApiKey = {
  id: number;
  name: string;
  secret: string;
  /** The SCIM key has no account behind it and is hidden from the list of keys. */
  userId: number | null;
  groupId: number;
  scope: string | null;
  createdAt: string;
};

// Fixed, so that two runs with one seed are equal to the byte.
const startOfTime = Date.parse('2026-09-20T08:00:00Z');

/** Everything the instance knows. Whoever changes it without the editing helpers calls `touch` afterwards. */
export class World {
  readonly version: MetabaseVersion;
  readonly behavior: Behavior;
  readonly people = new Map<number, Person>();
  readonly groups = new Map<number, Group>();
  readonly memberships = new Map<number, Membership[]>();
  readonly keys = new Map<string, ApiKey>();
  readonly sessions = new Map<string, number>();
  readonly names = { siteUuid: '', analyticsUuid: '', setupToken: '', siteName: 'Northwind Analytics' };
  license: License;
  useTenants: boolean;
  revision = 0;
  #lastPersonId = 0;
  #lastMembershipId = 30;

  constructor(version: MetabaseVersion, license: License) {
    this.version = version;
    this.behavior = behaviorOf(version);
    this.license = license;
    this.useTenants = this.behavior.tenants;
  }

  touch(): void {
    this.revision += 1;
  }

  /** Moves on one second per change. */
  now(): string {
    return new Date(startOfTime + this.revision * 1000).toISOString();
  }

  newPersonId(gap = 0): number {
    this.#lastPersonId += 1 + gap;
    return this.#lastPersonId;
  }

  membershipsOf(userId: number): Membership[] {
    return this.memberships.get(userId) ?? [];
  }

  join(userId: number, groupId: number, isGroupManager = false): void {
    const own = this.memberships.get(userId) ?? [];
    const known = own.find((membership) => membership.groupId === groupId);
    if (known) known.isGroupManager = isGroupManager;
    else own.push({ id: ++this.#lastMembershipId, userId, groupId, isGroupManager });
    this.memberships.set(userId, own);
  }

  leave(userId: number, groupId: number): void {
    this.memberships.set(
      userId,
      this.membershipsOf(userId).filter((membership) => membership.groupId !== groupId),
    );
  }

  magicGroup(type: MagicGroupType): Group | undefined {
    return [...this.groups.values()].find((group) => group.magicType === type);
  }

  /** Switching tenants off hides their groups, but not the memberships in them. */
  isVisible(group: Group): boolean {
    return this.useTenants || !group.isTenantGroup;
  }

  displayName(group: Group): string {
    return this.useTenants && group.magicType === 'all-internal-users' ? 'All internal users' : group.name;
  }

  /** Tenant users take a seat like anyone; keys and the internal user do not. */
  countActivePeople(): number {
    let count = 0;
    for (const person of this.people.values()) if (person.type === 'personal' && person.isActive) count += 1;
    return count;
  }

  hasFeature(feature: string): boolean {
    const { token } = this.license;
    return token?.valid === true && (token.features ?? []).includes(feature);
  }
}

/** Computes once per revision of the world: a page of 100,000 people must not sort 100,000 people. */
export function perRevision<T>(world: World, compute: () => T): () => T {
  let known: { revision: number; value: T } | undefined;
  return () => {
    if (known?.revision !== world.revision) known = { revision: world.revision, value: compute() };
    return known.value;
  };
}
