import { createDocumentClient, createSecretsClient } from '#shared/aws/clients.ts';
import { createCredentialStore } from '#shared/aws/credentials.ts';
import { createLeaseStore } from '#shared/aws/leases.ts';
import { createSnapshotWriter } from '#shared/aws/snapshot-writer.ts';
import { systemClock } from '#shared/lambda/clock.ts';
import { readEnvironment } from '#shared/lambda/environment.ts';
import { createTelemetry } from '#shared/lambda/telemetry.ts';
import { createMetabase } from '#shared/metabase/metabase.ts';
import { createSyncHandler } from './handler.ts';

const env = readEnvironment([
  'CONNECTIONS_TABLE',
  'SNAPSHOTS_TABLE',
  'SECRET_PREFIX',
  'SYNC_INTERVAL_MINUTES',
  'LEASE_SECONDS',
  'USER_PAGE_SIZE',
  'PLAN_PRICES',
  'ALLOW_PRIVATE_NETWORK',
]);
const client = createDocumentClient();

export const handler = createSyncHandler({
  leases: createLeaseStore({ client, tableName: env.CONNECTIONS_TABLE }),
  snapshots: createSnapshotWriter({ client, tableName: env.SNAPSHOTS_TABLE }),
  credentials: createCredentialStore({ client: createSecretsClient(), prefix: env.SECRET_PREFIX }),
  metabase: createMetabase({
    addressPolicy: env.ALLOW_PRIVATE_NETWORK ? 'private' : 'public',
    pageSize: env.USER_PAGE_SIZE,
  }),
  clock: systemClock,
  telemetry: createTelemetry(),
  settings: {
    intervalMs: env.SYNC_INTERVAL_MINUTES * 60_000,
    leaseMs: env.LEASE_SECONDS * 1000,
    prices: env.PLAN_PRICES,
  },
});
