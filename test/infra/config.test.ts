import { expect, test } from 'vitest';
import { parseConfig } from '../../infra/config.ts';

test('an empty context is a working configuration with a user pool of its own', () => {
  expect(parseConfig({})).toEqual({
    stackName: 'metabase-sync',
    jwt: null,
    tenantClaim: 'custom:tenant_id',
    syncIntervalMinutes: 60,
    planPrices: {},
    userPageSize: 2_000,
    syncConcurrency: 10,
    manualSyncMinSeconds: 60,
    logLevel: 'INFO',
    logRetentionDays: 30,
    allowPrivateNetwork: false,
    secretPrefix: 'metabase-sync',
  });
});

test('values are the same as text from the command line and as JSON from a file', () => {
  const prices = { pro: { baseUsd: 575, includedSeats: 10, perSeatUsd: 12 } };
  const fromText = parseConfig({
    jwtIssuer: 'https://login.example.com/',
    jwtAudience: 'one, two',
    syncIntervalMinutes: '30',
    allowPrivateNetwork: 'true',
    logRetentionDays: '90',
    planPrices: JSON.stringify(prices),
  });
  const fromJson = parseConfig({
    jwtIssuer: 'https://login.example.com/',
    jwtAudience: ['one', 'two'],
    syncIntervalMinutes: 30,
    allowPrivateNetwork: true,
    logRetentionDays: 90,
    planPrices: prices,
  });
  expect(fromText).toEqual(fromJson);
  expect(fromText.jwt).toEqual({ issuer: 'https://login.example.com/', audience: ['one', 'two'] });
});

test('with an own issuer the tenant claim is tenant_id unless told otherwise', () => {
  const own = { jwtIssuer: 'https://login.example.com/', jwtAudience: 'metabase-sync' };
  expect(parseConfig(own).tenantClaim).toBe('tenant_id');
  expect(parseConfig({ ...own, tenantClaim: 'https://example.com/org' }).tenantClaim).toBe(
    'https://example.com/org',
  );
});

test('all problems come in one message that says what to type', () => {
  const parse = () =>
    parseConfig({
      jwtIssuer: 'http://login.example.com/',
      syncIntervalMinutes: '1',
      alarmEmail: 'nobody',
      planPrices: '{"pro":{"baseUsd":575}}',
      allowPrivateNetwork: 'yes',
    });
  expect(parse).toThrow(
    'jwtIssuer: must be an https URL; for example -c jwtIssuer=https://login.example.com/',
  );
  expect(parse).toThrow('syncIntervalMinutes: must be a whole number from 5 to 1440');
  expect(parse).toThrow('alarmEmail: must be an e-mail address');
  expect(parse).toThrow('planPrices.pro.perSeatUsd');
  expect(parse).toThrow('allowPrivateNetwork: must be true or false');
  expect(parse).toThrow('jwtAudience: must be given with jwtIssuer');
});

test.each([
  [
    'an audience without an issuer',
    { jwtAudience: 'metabase-sync' },
    'jwtIssuer: must be given with jwtAudience',
  ],
  ['a number left empty', { manualSyncMinSeconds: '' }, 'manualSyncMinSeconds: must be a whole number'],
  ['prices that are no JSON', { planPrices: '{pro' }, 'planPrices:'],
  [
    'a retention that CloudWatch does not know',
    { logRetentionDays: 31 },
    'logRetentionDays: must be one of 1, 3, 5',
  ],
  ['a prefix that would end in two slashes', { secretPrefix: 'sync/' }, 'secretPrefix: must be'],
  ['more prices than an environment holds', { planPrices: manyPrices() }, 'planPrices: must be at most 2 KB'],
])('refuses %s', (_what, context, message) => {
  expect(() => parseConfig(context)).toThrow(message);
});

test('takes an unknown name for a misspelled setting, but not the keys of the CDK', () => {
  expect(() => parseConfig({ alarmMail: 'oncall@example.com' })).toThrow('alarmMail: no such setting');
  expect(() =>
    parseConfig({ 'aws:cdk:enable-path-metadata': true, '@aws-cdk/core:x': true, 'cli-telemetry': false }),
  ).not.toThrow();
});

test('an issuer without https is for loopback only', () => {
  const withIssuer = (jwtIssuer: string) => parseConfig({ jwtIssuer, jwtAudience: 'local' });
  expect(withIssuer('http://127.0.0.1:8080').jwt?.issuer).toBe('http://127.0.0.1:8080');
  expect(() => withIssuer('http://10.0.0.1')).toThrow('must be an https URL');
});

function manyPrices() {
  return Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [
      `plan-${index}`,
      { baseUsd: 1, includedSeats: 1, perSeatUsd: 1 },
    ]),
  );
}
