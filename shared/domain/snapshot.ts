import * as z from 'zod';
import type { Group } from './group.ts';
import { editions, type License, type LicenseFacts, tokenStatuses } from './license.ts';
import { roles, type User } from './user.ts';

export interface InstanceFacts {
  /** The tag as Metabase gives it, such as `v0.63.2.7`. */
  readonly metabaseVersion: string | null;
  /** Metabase's `site-uuid`. */
  readonly instanceId: string | null;
}

/** What one reading of an instance gave, before it is compared with what is stored. */
export interface Reading extends InstanceFacts {
  readonly users: ReadonlyMap<number, User>;
  readonly groups: ReadonlyMap<number, Group>;
  readonly licenseFacts: LicenseFacts;
  /** HTTP requests made, tries that failed included, and bytes received. */
  readonly requests: number;
  readonly bytes: number;
}

/** The type of each entity's state. */
export interface States {
  user: User;
  group: Group;
  license: License;
}

const count = z.number().int();

/** The header of one snapshot: its counts and how it came about. History is plotted from these. */
export const headerSchema = z.object({
  version: count,
  takenAt: z.string(),
  trigger: z.enum(['connect', 'schedule', 'request', 'resync']),
  metabaseVersion: z.string().nullable(),
  users: z.object({
    total: count,
    active: count,
    deactivated: count,
    external: count,
    /** Active users by their highest role. */
    activeByRole: z.record(z.enum(roles), count),
  }),
  groups: count,
  seats: z.object({
    used: count,
    limit: count.nullable(),
    available: count.nullable(),
    neverSignedIn: count,
    noLogin30Days: count,
    noLogin60Days: count,
    noLogin90Days: count,
  }),
  license: z.object({
    plan: z.string().nullable(),
    edition: z.enum(editions),
    tokenStatus: z.enum(tokenStatuses),
    countAgrees: z.boolean().nullable(),
    monthlyPriceUsd: z.number().nullable(),
    /** What giving back the seats without a sign-in for 90 days would save a month. */
    reclaimableUsd: z.number().nullable(),
  }),
  changes: count,
  userRowsWritten: count,
  metabaseRequests: count,
  metabaseBytes: count,
  durationMs: count,
});
export type Header = z.infer<typeof headerSchema>;

const dayMs = 24 * 60 * 60 * 1000;
export const retentionDays = {
  hourlyHeader: 30,
  dailyHeader: 400,
  change: 400,
  tombstone: 400,
  resync: 400,
} as const;

/** One header a UTC day stays for the long plots; the others go after a month. */
export function headerExpiry(takenAt: Date, previousTakenAt: string | null): Date {
  const firstOfDay = previousTakenAt?.slice(0, 10) !== takenAt.toISOString().slice(0, 10);
  const days = firstOfDay ? retentionDays.dailyHeader : retentionDays.hourlyHeader;
  return new Date(takenAt.getTime() + days * dayMs);
}

export function expiresAfter(now: Date, days: number): Date {
  return new Date(now.getTime() + days * dayMs);
}

export interface UserCounts {
  readonly users: Header['users'];
  readonly activity: Pick<
    Header['seats'],
    'neverSignedIn' | 'noLogin30Days' | 'noLogin60Days' | 'noLogin90Days'
  >;
}

/**
 * Counts accounts, and among the active ones those that show no sign of use. An account that never signed in counts
 * as idle since it joined, so that yesterday's invitation is not called unused.
 */
export function countUsers(users: Iterable<User>, now: Date): UserCounts {
  const counts = { total: 0, active: 0, deactivated: 0, external: 0 };
  const activeByRole = Object.fromEntries(roles.map((role) => [role, 0])) as Header['users']['activeByRole'];
  const activity = { neverSignedIn: 0, noLogin30Days: 0, noLogin60Days: 0, noLogin90Days: 0 };
  for (const user of users) {
    counts.total += 1;
    counts[user.status] += 1;
    if (user.kind === 'external') counts.external += 1;
    if (user.status !== 'active') continue;
    activeByRole[user.role] += 1;
    if (user.lastLoginAt === null) activity.neverSignedIn += 1;
    const idleSince = user.lastLoginAt ?? user.joinedAt;
    const idleDays = idleSince === null ? Infinity : (now.getTime() - Date.parse(idleSince)) / dayMs;
    if (idleDays >= 30) activity.noLogin30Days += 1;
    if (idleDays >= 60) activity.noLogin60Days += 1;
    if (idleDays >= 90) activity.noLogin90Days += 1;
  }
  return { users: { ...counts, activeByRole }, activity };
}
