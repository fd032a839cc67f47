import { createDocumentClient, createSecretsClient, createSqsClient } from '#shared/aws/clients.ts';
import { createConnectionReader } from '#shared/aws/connections.ts';
import { createCredentialStore } from '#shared/aws/credentials.ts';
import { createLeaseStore } from '#shared/aws/leases.ts';
import { createSyncQueue } from '#shared/aws/queue.ts';
import { createResyncLog } from '#shared/aws/resync-log.ts';
import { createSnapshotWriter } from '#shared/aws/snapshot-writer.ts';
import { systemClock } from '#shared/lambda/clock.ts';
import { readEnvironment } from '#shared/lambda/environment.ts';
import { createTelemetry } from '#shared/lambda/telemetry.ts';
import { createMetabase } from '#shared/metabase/metabase.ts';
import { createResyncHandler } from './handler.ts';

const env = readEnvironment([
  'CONNECTIONS_TABLE',
  'SNAPSHOTS_TABLE',
  'SYNC_QUEUE_URL',
  'SECRET_PREFIX',
  'SYNC_INTERVAL_MINUTES',
  'LEASE_SECONDS',
  'USER_PAGE_SIZE',
  'PLAN_PRICES',
  'ALLOW_PRIVATE_NETWORK',
]);
const client = createDocumentClient();
const connectionsTable = { client, tableName: env.CONNECTIONS_TABLE };
const snapshotsTable = { client, tableName: env.SNAPSHOTS_TABLE };
const telemetry = createTelemetry();

export const handler = createResyncHandler({
  connections: createConnectionReader(connectionsTable),
  leases: createLeaseStore(connectionsTable),
  snapshots: createSnapshotWriter(snapshotsTable),
  log: createResyncLog(snapshotsTable),
  credentials: createCredentialStore({ client: createSecretsClient(), prefix: env.SECRET_PREFIX }),
  queue: createSyncQueue({
    client: createSqsClient(),
    queueUrl: env.SYNC_QUEUE_URL,
    onUnsent: (cause) => telemetry.error('Messages were not sent', cause),
  }),
  metabase: createMetabase({
    addressPolicy: env.ALLOW_PRIVATE_NETWORK ? 'private' : 'public',
    pageSize: env.USER_PAGE_SIZE,
  }),
  clock: systemClock,
  telemetry,
  settings: {
    intervalMs: env.SYNC_INTERVAL_MINUTES * 60_000,
    leaseMs: env.LEASE_SECONDS * 1000,
    prices: env.PLAN_PRICES,
  },
});
