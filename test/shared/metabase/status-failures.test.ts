import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  lacksAdminRights,
  notMetabase,
  retryAfterOf,
  statusFailure,
} from '#shared/metabase/status-failures.ts';

const now = new Date('2026-10-01T12:00:00Z');
const instanceUrl = 'https://metabase.example.com/sub';

function failureOf(status: number, headers: IncomingHttpHeaders = {}) {
  return statusFailure({ status, headers, instanceUrl, endpoint: '/api/user', now });
}

test.each([
  [400, 'response_invalid', /answered \/api\/user with the unexpected status 400/],
  [401, 'credentials_rejected', /rejected the API key.*Create a key for the group Administrators.*API keys/],
  [
    403,
    'admin_rights_missing',
    /refused \/api\/user \(status 403\)\. Assign the key.*Administrators.*allowlist/,
  ],
  [404, 'not_metabase', /no Metabase API at https:\/\/metabase\.example\.com\/sub: there is no \/api\/user/],
  [418, 'response_invalid', /unexpected status 418/],
  [429, 'rate_limited', /limits the rate/],
  [500, 'instance_failing', /\(status 500\)/],
  [502, 'instance_failing', /\(status 502\)/],
  [503, 'instance_starting', /starting up/],
  [504, 'instance_failing', /\(status 504\)/],
])('status %i is %s, with its own sentence', (status, code, sentence) => {
  const failure = failureOf(status);
  expect(failure.code).toBe(code);
  expect(failure.message).toMatch(sentence);
});

test('503 with a web page comes from a proxy, not from a Metabase that starts', () => {
  const failure = failureOf(503, { 'content-type': 'text/html; charset=utf-8' });
  expect(failure.code).toBe('instance_failing');
});

test('a key that works but is no administrator is told from one that is refused', () => {
  const failure = lacksAdminRights();
  expect(failure.code).toBe('admin_rights_missing');
  expect(failure.message).toMatch(/works, but.*Admin settings > Authentication > API keys.*All Users/);
  expect(failure.message).not.toBe(failureOf(403).message);
});

test('says which URL was understood when there is no Metabase', () => {
  expect(notMetabase(instanceUrl, 'a page').message).toMatch(
    /at https:\/\/metabase\.example\.com\/sub: a page\. Type/,
  );
});

describe('a redirect', () => {
  const sentenceFor = (location?: string) => failureOf(301, { location }).message;

  test('names the address to type, and only its origin', () => {
    const failure = failureOf(302, { location: 'https://new.example.com/auth?token=abc' });
    expect(failure.code).toBe('not_metabase');
    expect(failure.message).toMatch(
      /redirect \(status 302\), which is not followed\. Type the address it redirects to: https:\/\/new\.example\.com$/,
    );
  });

  test('to https of the same host names that', () => {
    const failure = statusFailure({
      status: 301,
      headers: { location: 'https://metabase.example.com/' },
      instanceUrl: 'http://metabase.example.com',
      endpoint: '/api/user',
      now,
    });
    expect(failure.message).toMatch(/redirects to: https:\/\/metabase\.example\.com$/);
  });

  test.each([undefined, '/login', 'https://metabase.example.com/login', 'javascript:alert(1)', 'https://'])(
    'to nowhere useful (%s) asks for the right address',
    (location) => {
      expect(sentenceFor(location)).toMatch(/Type the address at which Metabase itself answers/);
    },
  );
});

describe('Retry-After', () => {
  test.each([
    ['7', 7],
    [' 0 ', 0],
    ['Thu, 01 Oct 2026 12:00:30 GMT', 30],
    ['Thu, 01 Oct 2026 11:00:00 GMT', 0],
    ['999999999999', 86_400],
  ])('%s means %i seconds', (value, seconds) => {
    expect(retryAfterOf(value, now)).toEqual({ retryAfterSeconds: seconds });
    expect(failureOf(429, { 'retry-after': value }).retryAfterSeconds).toBe(seconds);
    expect(failureOf(503, { 'retry-after': value }).retryAfterSeconds).toBe(seconds);
  });

  test.each([undefined, '', 'soon', '-5x'])('%s means nothing', (value) => {
    expect(retryAfterOf(value, now)).toEqual({});
  });
});
