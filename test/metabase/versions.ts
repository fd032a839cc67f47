export const metabaseVersions = ['0.49', '0.52', '0.56', '0.58', '0.63'] as const;

export type MetabaseVersion = (typeof metabaseVersions)[number];

/** What the API of one release does differently. Thresholds marked ~ are estimates from release dates. */
export type Behavior = ReturnType<typeof behaviorOf>;

export function behaviorOf(version: MetabaseVersion) {
  const release = Number(version.split('.')[1]);
  return {
    idBreaksTies: release >= 54,
    // Issue 32596: with group_id, admins and group managers came before everyone else.
    groupFilterPutsManagersFirst: release < 50,
    deactivatedPeopleById: release >= 51,
    // PR 78976, mid-2026.
    hidesKeyUsersById: release >= 63,
    // Issue 48332, fixed by PR 48638.
    keyUsersOwnCollections: release <= 52,
    rejectsUnreadableLimit: release < 58,
    tenantColumns: release >= 56,
    structuredAttributes: release >= 56,
    magicGroupTypes: release >= 56,
    livez: release >= 56,
    tenants: release >= 58,
    jwtAttributes: release >= 57,
    // ~0.59
    dataAnalysts: release >= 59,
    oidc: release >= 59,
    hasModel: release >= 50,
    permissionsOfCaller: release >= 54,
    scim: release >= 51,
    planAlias: release >= 50,
    airgapLimits: release >= 50,
    // ~0.54
    storeUsers: release >= 54,
    // ~0.55
    quotas: release >= 55,
  };
}

// Four-number tags and two-digit patches occur in the wild; a client must not expect three single digits.
const patches: Record<MetabaseVersion, string> = {
  '0.49': '0.49.6',
  '0.52': '0.52.10',
  '0.56': '0.56.13.2',
  '0.58': '0.58.4',
  '0.63': '0.63.2.7',
};

/** The Enterprise build of a release is tagged v1 where the open-source build is tagged v0. */
export function versionTag(version: MetabaseVersion, edition: 'oss' | 'ee'): string {
  const patch = patches[version];
  return edition === 'ee' ? `v1${patch.slice(1)}` : `v${patch}`;
}
