import { connectionIdOf } from '#shared/domain/connection.ts';
import type { License } from '#shared/domain/license.ts';
import type { Header } from '#shared/domain/snapshot.ts';
import type { ConnectInput, PublishInput } from '#shared/use-cases/ports.ts';

export const instanceUrl = 'https://metabase.example.com';
export const key = { tenantId: 'acme', connectionId: connectionIdOf('acme', instanceUrl) };
export const otherKey = { tenantId: 'globex', connectionId: connectionIdOf('globex', instanceUrl) };

export const noon = new Date('2026-03-01T12:00:00.000Z');
export const leaseMs = 15 * 60_000;
export const never = new AbortController().signal;

export function minutesAfter(time: Date, minutes: number): Date {
  return new Date(time.getTime() + minutes * 60_000);
}

export function connectInput(fields: Partial<ConnectInput> = {}): ConnectInput {
  return {
    ...key,
    instanceUrl,
    name: null,
    metabaseVersion: 'v0.58.1',
    instanceId: 'a-site-uuid',
    now: noon,
    nextSyncAt: minutesAfter(noon, 5),
    ...fields,
  };
}

export function publishInput(fields: Partial<PublishInput> = {}): PublishInput {
  return {
    metabaseVersion: 'v0.58.1',
    instanceId: 'a-site-uuid',
    summary: { users: 3, activeUsers: 2, plan: null, edition: 'open_source', seatsUsed: 2, seatLimit: null },
    now: noon,
    nextSyncAt: minutesAfter(noon, 60),
    ...fields,
  };
}

export function someLicense(fields: Partial<License> = {}): License {
  return {
    licenseId: 'metabase',
    plan: 'pro-cloud',
    edition: 'pro',
    hosting: 'cloud',
    tokenStatus: 'valid',
    trial: false,
    validUntil: '2027-01-01T00:00:00.000Z',
    features: ['advanced_permissions', 'sandboxes'],
    seats: { used: 12, limit: null, available: null },
    countAgrees: true,
    monthlyPriceUsd: 598.4,
    ...fields,
  };
}

export function someHeader(version: number): Header {
  return {
    version,
    takenAt: noon.toISOString(),
    trigger: 'schedule',
    metabaseVersion: null,
    users: {
      total: 3,
      active: 2,
      deactivated: 1,
      external: 0,
      activeByRole: { admin: 1, group_manager: 0, data_analyst: 0, member: 1 },
    },
    groups: 2,
    seats: {
      used: 2,
      limit: null,
      available: null,
      neverSignedIn: 1,
      noLogin30Days: 1,
      noLogin60Days: 0,
      noLogin90Days: 0,
    },
    license: {
      plan: null,
      edition: 'open_source',
      tokenStatus: 'absent',
      countAgrees: null,
      monthlyPriceUsd: null,
      reclaimableUsd: null,
    },
    changes: 0,
    userRowsWritten: 3,
    metabaseRequests: 5,
    metabaseBytes: 2048,
    durationMs: 900,
  };
}
