import { type Answer, json } from '../answers.ts';
import { versionTag } from '../versions.ts';
import type { World } from '../world.ts';
import type { Call, Route } from './call.ts';

export const propertiesRoutes: Route[] = [
  { path: /^\/api\/session\/properties$/, for: 'anyone', answer: showProperties },
];

/** Absent means "not for this caller"; null means "nothing there". */
function showProperties(call: Call): Answer {
  const { caller, world } = call;
  return json({
    ...publicSettings(call),
    ...(caller && settingsOfThoseSignedIn(world)),
    ...(caller?.isSuperuser && settingsOfAdmins(call)),
  });
}

function publicSettings({ world, siteUrl }: Call) {
  const { license, names } = world;
  return {
    version: {
      tag: versionTag(world.version, license.edition),
      date: '2026-09-02',
      branch: 'release',
      hash: '4f9d2c1',
    },
    'site-name': names.siteName,
    'site-url': siteUrl,
    'site-locale': 'en',
    'analytics-uuid': names.analyticsUuid,
    'has-user-setup': true,
    // Still in the public answer long after set-up (issue 72908): a client must not keep this document.
    'setup-token': names.setupToken,
    'is-hosted?': license.isHosted,
    'airgap-enabled': license.isAirgapped,
    'token-features': publicFeatures(world),
    'instance-creation': '2023-03-01T09:00:00Z',
    'anon-tracking-enabled': false,
    'application-name': 'Metabase',
    'custom-homepage': null,
    engines,
    'available-locales': locales,
    'available-timezones': timeZones,
  };
}

function settingsOfThoseSignedIn({ names, behavior, useTenants }: World) {
  return {
    'site-uuid': names.siteUuid,
    'landing-page': null,
    'report-timezone-short': 'UTC',
    ...(behavior.tenants && { 'use-tenants': useTenants }),
  };
}

function settingsOfAdmins({ world, faults }: Call) {
  const hidesToken = faults.hideTokenStatusSetting || faults.tokenStatusDown;
  return {
    'active-users-count': world.countActivePeople(),
    'version-info': { latest: { version: 'v0.63.2.7', patch: true, highlights: [] }, older: [] },
    'admin-email': null,
    ...(!hidesToken && { 'token-status': world.license.token }),
  };
}

/** Snake case and booleans, and not the same set as the features of the token (issue 48355). */
function publicFeatures(world: World): Record<string, boolean> {
  const { behavior } = world;
  const names = [
    'advanced-permissions',
    'audit-app',
    'hosting',
    'sandboxes',
    'sso-google',
    'sso-jwt',
    'sso-ldap',
  ];
  names.push('sso-saml', 'whitelabel', 'official-collections', 'disable-password-login');
  if (behavior.scim) names.push('scim');
  if (behavior.tenants) names.push('tenants');
  return Object.fromEntries(names.map((name) => [name.replaceAll('-', '_'), world.hasFeature(name)]));
}

const timeZones = Intl.supportedValuesOf('timeZone');

const locales = [
  'ar',
  'bg',
  'ca',
  'cs',
  'de',
  'en',
  'es',
  'fa',
  'fr',
  'id',
  'it',
  'ja',
  'ko',
  'nl',
  'pl',
  'pt_BR',
].map((code) => [code, new Intl.DisplayNames('en', { type: 'language' }).of(code.replace('_', '-')) ?? code]);

const engines = Object.fromEntries(
  [
    'athena',
    'bigquery',
    'druid',
    'mongo',
    'mysql',
    'oracle',
    'postgres',
    'redshift',
    'snowflake',
    'sqlserver',
  ].map((engine) => [
    engine,
    {
      'driver-name': engine,
      'details-fields': ['host', 'port', 'dbname', 'user', 'password', 'ssl', 'tunnel-host'].map((name) => ({
        name,
        'display-name': name,
        placeholder: `${engine} ${name}`,
        required: name === 'host',
      })),
    },
  ]),
);
