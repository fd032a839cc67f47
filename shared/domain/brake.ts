import { createHash } from 'node:crypto';
import type { EntityId } from './versioned-row.ts';

/** Metabase never deletes an account, so even a small share that vanishes at once deserves a second look. */
const tolerated = { share: 0.2, accounts: 2 };

/** What the brake saw last; kept on the connection until it repeats or is confirmed. */
export interface HeldBack {
  readonly fingerprint: string;
  readonly missing: number;
  readonly firstSeenAt: string;
}

/** Whether so many accounts disappeared that a fault is likelier than the truth. An instance always has a user. */
export function isSuspicious(counts: { listed: number; published: number; missing: number }): boolean {
  const { listed, published, missing } = counts;
  return listed === 0 || missing > Math.max(tolerated.accounts, published * tolerated.share);
}

/**
 * Decides about a suspicious shrink: null when the same accounts are still missing half an interval after they were
 * first missed, otherwise what to remember.
 */
export function holdBack(
  missing: readonly EntityId[],
  before: HeldBack | null,
  now: Date,
  intervalMs: number,
): HeldBack | null {
  const fingerprint = createHash('sha256')
    .update([...missing].map(String).sort().join())
    .digest('hex')
    .slice(0, 16);
  if (before?.fingerprint !== fingerprint) {
    return { fingerprint, missing: missing.length, firstSeenAt: now.toISOString() };
  }
  return now.getTime() - Date.parse(before.firstSeenAt) >= intervalMs / 2 ? null : before;
}
