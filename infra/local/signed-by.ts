import type { IncomingMessage } from 'node:http';

/**
 * The access key id that a request was signed with, null for none. The local run makes up a new one at each start
 * and hands it to its own parts only, so it tells them from other programs on this machine.
 */
export function signedBy({ headers }: IncomingMessage): string | null {
  return /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? null;
}
