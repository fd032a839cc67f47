import { createHash } from 'node:crypto';

const minuteMs = 60_000;
const maxBackoffMs = 6 * 60 * minuteMs;
/** Someone must act first, so a try a day is enough to notice that they did. */
const attentionRetryMs = 24 * 60 * minuteMs;

/** Shards of the index that answers "who is due": one hot partition would limit the dispatcher. */
export const dueShards = 8;

export function dueShardOf(connectionId: string): number {
  return hash32(connectionId) % dueShards;
}

/** The next slot after `now` in ms since the epoch; a connection keeps its own place in every interval. */
export function nextSlot(connectionId: string, now: Date, intervalMs: number): Date {
  const offset = hash32(connectionId) % intervalMs;
  const elapsed = (now.getTime() - offset) % intervalMs;
  return new Date(now.getTime() - elapsed + intervalMs);
}

/** When to try again after the n-th temporary failure in a row: 5, 10, 20 … minutes, at most 6 hours. */
export function nextTry(now: Date, failuresInRow: number, retryAfterSeconds: number | undefined): Date {
  const backoffMs = Math.min(5 * minuteMs * 2 ** Math.max(0, failuresInRow - 1), maxBackoffMs);
  return new Date(now.getTime() + Math.max(backoffMs, (retryAfterSeconds ?? 0) * 1000));
}

export function nextTryAfterAttention(now: Date): Date {
  return new Date(now.getTime() + attentionRetryMs);
}

function hash32(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
