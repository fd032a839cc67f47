import { expect, test } from 'vitest';
import { createHttpGet } from '#shared/metabase/http.ts';
import { type CertificateOptions, makeCertificate } from './support/certificate.ts';
import { failureOf } from './support/failure.ts';
import { json, startServer } from './support/loopback-server.ts';

const dayMs = 86_400_000;

/** Calls a server that has this certificate, which the client trusts unless told otherwise. */
async function call(options: CertificateOptions, isTrusted = true): Promise<unknown> {
  const certificate = makeCertificate(options);
  await using server = await startServer(json({ fine: true }), certificate);
  const get = createHttpGet({
    addressPolicy: 'private',
    maxResponseBytes: 1000,
    requestTimeoutMs: 5000,
    ...(isTrusted && { ca: certificate.cert }),
  });
  const url = new URL(server.url.replace('127.0.0.1', 'localhost'));
  const { json: answer } = await get({
    url,
    headers: {},
    signal: new AbortController().signal,
    meter: { requests: 0, bytes: 0 },
  });
  return answer;
}

test('speaks TLS with a server whose certificate is right', async () => {
  await expect(call({ names: ['localhost'] })).resolves.toEqual({ fine: true });
});

test.each([
  [
    'has expired',
    { names: ['localhost'], notAfter: new Date(Date.now() - dayMs), notBefore: new Date(0) },
    true,
  ],
  ['is not valid yet', { names: ['localhost'], notBefore: new Date(Date.now() + dayMs / 48) }, true],
  ['is self-signed', { names: ['localhost'] }, false],
  ['was issued for another host name', { names: ['metabase.example.com'] }, true],
])('refuses a certificate that %s, and says so', async (why, certificate, isTrusted) => {
  const failure = await failureOf(call(certificate, isTrusted));
  expect(failure.code).toBe('tls_failed');
  expect(failure.message).toMatch(
    new RegExp(`No secure connection to localhost:\\d+: its certificate ${why}`),
  );
});

test('does not carry the certificate of the server into the log', async () => {
  const failure = await failureOf(call({ names: ['metabase.example.com'] }));
  expect(Object.keys(failure.cause as object)).toEqual([]);
});

test('names a port that does not speak TLS', async () => {
  await using server = await startServer(json({}));
  const get = createHttpGet({ addressPolicy: 'private', maxResponseBytes: 1000, requestTimeoutMs: 5000 });
  const request = get({
    url: new URL(server.url.replace('http:', 'https:')),
    headers: {},
    signal: new AbortController().signal,
    meter: { requests: 0, bytes: 0 },
  });
  const failure = await failureOf(request);
  expect(failure.code).toBe('tls_failed');
  expect(failure.message).toMatch(/Check that the port speaks https/);
});
