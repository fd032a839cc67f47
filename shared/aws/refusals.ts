import { Failure } from '#shared/domain/errors.ts';

export function connectionNotFound(): Failure {
  return new Failure(
    'not_found',
    'There is no such connection. List the connections to see which there are.',
  );
}

export function connectionDisconnected(): Failure {
  return new Failure('disconnected', 'This instance is disconnected. Connect it again to sync it.');
}

/** `leaseExpiresAt` is an ISO 8601 time, null where another one won the race a moment ago. */
export function leaseHeld(leaseExpiresAt: string | null, now: Date): Failure {
  const retryAfterSeconds = leaseExpiresAt === null ? 60 : secondsUntil(Date.parse(leaseExpiresAt), now);
  return new Failure(
    'lease_held',
    'A sync of this connection is already running. Wait until it has ended; its result shows on the connection.',
    { retryAfterSeconds },
  );
}

export function leaseLost(): Failure {
  return new Failure(
    'lease_lost',
    'Another sync took over, or the instance was disconnected: what this sync had read was dropped. ' +
      'The last published snapshot is complete and stays.',
  );
}

/** `allowedAtMs` is in ms since the epoch. */
export function askedTooOften(allowedAtMs: number, now: Date): Failure {
  const retryAfterSeconds = secondsUntil(allowedAtMs, now);
  return new Failure(
    'too_many_requests',
    `A sync was asked for a moment ago. Ask again in ${retryAfterSeconds} seconds.`,
    { retryAfterSeconds },
  );
}

export function credentialsMissing(): Failure {
  return new Failure(
    'credentials_missing',
    'The API key of this instance is not stored any more. Replace the key, or connect the instance again.',
  );
}

function secondsUntil(timeMs: number, now: Date): number {
  return Math.max(1, Math.ceil((timeMs - now.getTime()) / 1000));
}
