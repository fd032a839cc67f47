import { setTimeout } from 'node:timers/promises';
import { Failure, type FailureCode } from '#shared/domain/errors.ts';
import { BrokenOff } from './network-failures.ts';

export interface RetryOptions {
  /** The first try included. */
  readonly maxAttempts: number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** May reject when the signal aborts. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

export const patience: RetryOptions = {
  maxAttempts: 3,
  random: Math.random,
  sleep: (delayMs, signal) => setTimeout(delayMs, undefined, { signal }),
};

const firstDelayMs = 200;
/** A wait that one sync can afford; a longer one is left to the schedule. */
const maxRetryAfterSeconds = 10;

const temporary: ReadonlySet<FailureCode> = new Set([
  'rate_limited',
  'instance_failing',
  'instance_starting',
  'timed_out',
  'connection_failed',
  'name_not_resolved',
]);

/**
 * Tries again what may pass by itself. Exponential with full jitter, so that many workers do not come back as one:
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  { maxAttempts, random, sleep }: RetryOptions,
  signal: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= maxAttempts || signal.aborted || !isTemporary(error)) throw error;
      const retryAfterSeconds = error.retryAfterSeconds ?? 0;
      if (retryAfterSeconds > maxRetryAfterSeconds) throw error;
      const jitterMs = random() * firstDelayMs * 2 ** (tries - 1);
      await sleep(retryAfterSeconds * 1000 + jitterMs, signal).catch(() => {});
      // Why the last try failed says more than that time ran out while waiting.
      if (signal.aborted) throw error;
    }
  }
}

function isTemporary(error: unknown): error is Failure {
  return error instanceof Failure && (temporary.has(error.code) || error.cause instanceof BrokenOff);
}
