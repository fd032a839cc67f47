import { expect, test } from 'vitest';
import { Failure } from '#shared/domain/errors.ts';
import { abandoned, networkFailure } from '#shared/metabase/network-failures.ts';

const url = new URL('https://metabase.example.com:8443/sub/api/user');

function failureOfCode(code: string) {
  return networkFailure(Object.assign(new Error(`internal words about ${code}`), { code }), url);
}

test.each([
  ['ENOTFOUND', 'name_not_resolved', /name metabase\.example\.com cannot be found.*spelling/],
  ['EAI_AGAIN', 'name_not_resolved', /cannot be found/],
  ['ECONNREFUSED', 'connection_failed', /metabase\.example\.com:8443 refused the connection.*port/],
  ['ECONNRESET', 'connection_failed', /cannot be reached \(ECONNRESET\)/],
  ['EHOSTUNREACH', 'connection_failed', /cannot be reached \(EHOSTUNREACH\)/],
  ['EPIPE', 'connection_failed', /cannot be reached \(EPIPE\)/],
  ['ETIMEDOUT', 'timed_out', /No connection to metabase\.example\.com:8443 came about in time/],
  ['CERT_HAS_EXPIRED', 'tls_failed', /has expired\. Renew/],
  ['CERT_NOT_YET_VALID', 'tls_failed', /not valid yet/],
  ['CERT_REVOKED', 'tls_failed', /was revoked/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_failed', /is self-signed.*public authority/],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_failed', /private authority/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_failed', /intermediate/],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls_failed', /intermediate/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_failed', /another host name/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_failed', /port speaks https/],
  ['EPROTO', 'tls_failed', /port speaks https/],
  ['HPE_INVALID_CONSTANT', 'response_invalid', /does not answer in HTTP.*port/],
])('%s is %s, with its own sentence', (code, expected, sentence) => {
  const failure = failureOfCode(code);
  expect(failure.code).toBe(expected);
  expect(failure.message).toMatch(sentence);
  expect(failure.message).not.toContain('internal words');
});

test('an error without a code still is a sentence', () => {
  const failure = networkFailure(new Error('socket hang up'), url);
  expect(failure).toMatchObject({ code: 'connection_failed', cause: { message: 'unknown: socket hang up' } });
});

test('the caller that gave up says why', () => {
  const reason = new Failure('timed_out', 'The sync took longer than 15 minutes.');
  expect(abandoned(AbortSignal.abort(reason))).toBe(reason);
  expect(abandoned(AbortSignal.abort()).message).toMatch(/longer than one sync may take/);
});
