import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FailureCode } from '#shared/domain/errors.ts';
import type { Faults } from '#test/metabase/faults.ts';
import { type SampleMetabase, startSampleMetabase } from '#test/metabase/server.ts';
import { createAdapter, credentialFor } from './support/adapter.ts';
import { failureOf } from './support/failure.ts';
import { deadPort, json, routes, startServer } from './support/loopback-server.ts';

let sample: SampleMetabase;
beforeAll(async () => {
  sample = await startSampleMetabase();
});
afterAll(() => sample.close());
beforeEach(() => {
  sample.clearFaults();
  sample.resetCounters();
});

test('an administrator key is proved in two calls, which tell the version and who the instance is', async () => {
  const facts = await createAdapter().prove(credentialFor(sample));
  expect(facts).toEqual({ metabaseVersion: 'v1.63.2.7', instanceId: sample.world.names.siteUuid });
  expect(sample.requests.map(({ path }) => path)).toEqual(['/api/user/current', '/api/session/properties']);
});

test('the key goes into its header and nowhere else, and the client says who it is', async () => {
  await createAdapter().prove(credentialFor(sample));
  for (const { path, query, headers } of sample.requests) {
    expect(headers).toMatchObject({ 'x-api-key': sample.adminKey, 'user-agent': 'metabase-license-sync' });
    expect(JSON.stringify([path, query, { ...headers, 'x-api-key': '' }])).not.toContain(sample.adminKey);
  }
});

test('a sub-path of a proxy stays', async () => {
  await using below = await startSampleMetabase({ subPath: '/tools/metabase' });
  await expect(createAdapter().prove(credentialFor(below))).resolves.toMatchObject({
    metabaseVersion: 'v1.63.2.7',
  });
});

test('what the properties do not tell is unknown, not a failure', async () => {
  await using server = await startServer(
    routes({
      '/api/user/current': json({ id: 1, is_superuser: true }),
      '/api/session/properties': json({ version: 'v0.49', 'site-uuid': 7 }),
    }),
  );
  await expect(createAdapter().prove({ instanceUrl: server.url, apiKey: 'mb_1' })).resolves.toEqual({
    metabaseVersion: null,
    instanceId: null,
  });
});

describe('a key is refused', () => {
  test('when nobody knows it', async () => {
    const failure = await failureOf(createAdapter().prove(credentialFor(sample, 'mb_nobodyknowsthisone')));
    expect(failure.code).toBe('credentials_rejected');
    expect(sample.requestCount).toBe(1);
  });

  test('when it works without administrator rights, with the cure', async () => {
    const failure = await failureOf(createAdapter().prove(credentialFor(sample, sample.memberKey)));
    expect(failure.code).toBe('admin_rights_missing');
    expect(failure.message).toMatch(/The API key works.*Assign the key to the group Administrators/);
    expect(sample.requestCount).toBe(1);
  });
});

interface Case {
  faults: Faults;
  code: FailureCode;
  sentence: RegExp;
  requests: number;
}

const cases: Record<string, Case> = {
  'starts up': {
    faults: { startingUp: true },
    code: 'instance_starting',
    sentence: /starting up/,
    requests: 3,
  },
  'fails behind a proxy': {
    faults: { down: { status: 502, html: true } },
    code: 'instance_failing',
    sentence: /status 502/,
    requests: 3,
  },
  'is down for maintenance': {
    faults: { down: { status: 503, html: true } },
    code: 'instance_failing',
    sentence: /status 503/,
    requests: 3,
  },
  'throws an exception': {
    faults: { down: { status: 500 } },
    code: 'instance_failing',
    sentence: /status 500/,
    requests: 3,
  },
  'limits the rate for long': {
    faults: { rateLimited: { retryAfterSeconds: 60, times: 9 } },
    code: 'rate_limited',
    sentence: /limits the rate/,
    requests: 1,
  },
  'shows a sign-in page of a proxy': {
    faults: { htmlEverywhere: true },
    code: 'not_metabase',
    sentence: /no Metabase API at http:\/\/127\.0\.0\.1:\d+: it answers with a web page.*sign-in/,
    requests: 1,
  },
  'is another product': {
    faults: { foreignJson: true },
    code: 'not_metabase',
    sentence: /another product/,
    requests: 1,
  },
  'has moved': {
    faults: { redirectTo: 'https://moved.example.com/api/user/current?x=1' },
    code: 'not_metabase',
    sentence: /Type the address it redirects to: https:\/\/moved\.example\.com$/,
    requests: 1,
  },
  'breaks off its answer': {
    faults: { truncateBody: true },
    code: 'response_invalid',
    sentence: /broke off in the middle/,
    requests: 3,
  },
  'sends half of its answer': {
    faults: { truncateBody: 'silently' },
    code: 'response_invalid',
    sentence: /cannot be unpacked|is not complete JSON/,
    requests: 1,
  },
  'never answers': {
    faults: { hang: true },
    code: 'timed_out',
    sentence: /did not answer within 0\.05 seconds/,
    requests: 3,
  },
};

test.each(Object.entries(cases))('an instance that %s has its own sentence', async (_what, expected) => {
  Object.assign(sample.faults, expected.faults);
  const failure = await failureOf(
    createAdapter({ requestTimeoutMs: expected.faults.hang ? 50 : 5000 }).prove(credentialFor(sample)),
  );
  expect(failure.code).toBe(expected.code);
  expect(failure.message).toMatch(expected.sentence);
  expect(sample.requestCount).toBe(expected.requests);
});

test('a page path in place of the base is no Metabase', async () => {
  const credential = { ...credentialFor(sample), instanceUrl: `${sample.url}/question/1` };
  const failure = await failureOf(createAdapter().prove(credential));
  expect(failure.code).toBe('not_metabase');
  expect(failure.message).toContain(`${sample.url}/question/1: `);
});

test('a dead port fails after three tries and 0.6 seconds of waiting at most', async () => {
  const { prove, delaysMs } = createAdapter({ random: () => 1 });
  const failure = await failureOf(
    prove({ instanceUrl: `http://127.0.0.1:${await deadPort()}`, apiKey: 'mb_1' }),
  );
  expect(failure.code).toBe('connection_failed');
  expect(delaysMs).toEqual([200, 400]);
});

test('a short limit of the rate is waited for', async () => {
  sample.faults.rateLimited = { retryAfterSeconds: 2, times: 1 };
  const { prove, delaysMs } = createAdapter();
  await prove(credentialFor(sample));
  expect(delaysMs).toEqual([2100]);
});

test('the loopback interface is out of reach unless private networks are allowed', async () => {
  const failure = await failureOf(createAdapter({ addressPolicy: 'public' }).prove(credentialFor(sample)));
  expect(failure.code).toBe('address_not_allowed');
  expect(sample.requestCount).toBe(0);
});
