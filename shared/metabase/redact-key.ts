import { inspect } from 'node:util';
import { Failure } from '#shared/domain/errors.ts';

const mask = '[API key]';

/**
 * Takes the key out of whatever was thrown. No sentence is written with it, but a server may echo it into a name that
 * a sentence repeats: a field, a host, the reason of a TLS error. Host names come back in lower case.
 */
export function redactKey(error: unknown, apiKey: string): unknown {
  if (
    !(error instanceof Error) ||
    !inspect(error, { depth: 6 }).toLowerCase().includes(apiKey.toLowerCase())
  ) {
    return error;
  }
  const key = new RegExp(apiKey.replace(/[^A-Za-z0-9_]/g, String.raw`\$&`), 'gi');
  const clean = (text: string) => text.replace(key, mask);
  const cause = error.cause instanceof Error ? new Error(clean(error.cause.message)) : undefined;
  if (!(error instanceof Failure)) return new Error(clean(error.message), { cause });
  const { code, message, retryAfterSeconds } = error;
  return new Failure(code, clean(message), {
    cause,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
