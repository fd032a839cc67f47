import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#shared/domain/errors.ts';
import { redactKey } from '#shared/metabase/redact-key.ts';
import { createAdapter } from './support/adapter.ts';
import { failureOf } from './support/failure.ts';
import { json, startServer } from './support/loopback-server.ts';

/** Keys of a configuration file may hold anything that a header may. */
const anyKey = fc.stringMatching(/^mb_[\x21-\x7e]{9,60}$/);

function show(error: unknown): string {
  return `${inspect(error, { depth: 10, showHidden: true })} ${(error as Error).stack}`.toLowerCase();
}

/** Ways in which a server could make the key part of what is said about it. */
const echoes: Record<string, (key: string) => RequestListener> = {
  'the error page': (key) => (_request, response) => response.writeHead(401).end(key),
  'the reason phrase': (key) => (_request, response) =>
    response.writeHead(500, key, { 'content-type': 'text/plain' }).end(key),
  'a redirect': (key) => (_request, response) =>
    response.writeHead(302, { location: `https://${key.replace(/[^\w]/g, '')}.example.com/${key}` }).end(),
  'broken JSON': (key) => (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(`${key} is not JSON`),
  'a value': (key) => json({ is_superuser: key, data: key, 'token-status': key }),
  'a field name': (key) => (request, response) => {
    const isMap = request.url?.endsWith('/membership');
    const isList = request.url?.endsWith('/group');
    const people = { data: [], total: 0, 'active-users-count': 0, 'token-status': null };
    json(isMap ? { [key]: key } : isList ? [] : people)(request, response);
  },
};

test.each(Object.entries(echoes))(
  'the key is in no failure, also when a server repeats it in %s',
  async (_where, echo) => {
    let answer: RequestListener = () => {};
    await using server = await startServer((request, response) => answer(request, response));
    const { prove, read } = createAdapter();
    await fc.assert(
      fc.asyncProperty(anyKey, async (key) => {
        answer = echo(key);
        const credential = { instanceUrl: server.url, apiKey: key };
        for (const failure of [await failureOf(prove(credential)), await failureOf(read(credential))]) {
          expect(show(failure)).not.toContain(key.toLowerCase());
        }
      }),
      { numRuns: 25 },
    );
  },
);

test('the key is taken out of the message, the cause and the stack, and the rest stays', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const failure = new Failure('tls_failed', `No ${key.toUpperCase()} here: ${key}.`, {
        cause: new Error(`certificate for ${key}`),
        retryAfterSeconds: 5,
      });
      const redacted = redactKey(failure, key);
      expect(show(redacted)).not.toContain(key.toLowerCase());
      expect(redacted).toMatchObject({
        code: 'tls_failed',
        message: 'No [API key] here: [API key].',
        retryAfterSeconds: 5,
        cause: { message: 'certificate for [API key]' },
      });
    }),
  );
});

test('an error that does not hold the key stays the one it is', () => {
  const failure = new Failure('timed_out', 'It took too long.');
  expect(redactKey(failure, 'mb_secretsecret')).toBe(failure);
});

test('an error of another kind is redacted, too', () => {
  const error = new TypeError('Invalid value mb_secretsecret');
  expect(redactKey(error, 'mb_secretsecret')).toMatchObject({ message: 'Invalid value [API key]' });
});
