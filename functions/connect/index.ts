import { createDocumentClient, createSecretsClient, createSqsClient } from '#shared/aws/clients.ts';
import { createConnectionStore } from '#shared/aws/connections.ts';
import { createCredentialStore } from '#shared/aws/credentials.ts';
import { createSyncQueue } from '#shared/aws/queue.ts';
import { createSnapshotPurger } from '#shared/aws/snapshot-purger.ts';
import { systemClock } from '#shared/lambda/clock.ts';
import { readEnvironment } from '#shared/lambda/environment.ts';
import { createTelemetry } from '#shared/lambda/telemetry.ts';
import { createMetabase } from '#shared/metabase/metabase.ts';
import { createConnectHandler } from './handler.ts';

const env = readEnvironment([
  'CONNECTIONS_TABLE',
  'SNAPSHOTS_TABLE',
  'SYNC_QUEUE_URL',
  'SECRET_PREFIX',
  'SECRET_KMS_KEY_ID',
  'TENANT_CLAIM',
  'SYNC_INTERVAL_MINUTES',
  'MANUAL_SYNC_MIN_SECONDS',
  'ALLOW_PRIVATE_NETWORK',
]);
const client = createDocumentClient();
const telemetry = createTelemetry();

export const handler = createConnectHandler({
  connections: createConnectionStore({ client, tableName: env.CONNECTIONS_TABLE }),
  snapshots: createSnapshotPurger({ client, tableName: env.SNAPSHOTS_TABLE }),
  credentials: createCredentialStore({
    client: createSecretsClient(),
    prefix: env.SECRET_PREFIX,
    kmsKeyId: env.SECRET_KMS_KEY_ID,
  }),
  queue: createSyncQueue({
    client: createSqsClient(),
    queueUrl: env.SYNC_QUEUE_URL,
    onUnsent: (cause) => telemetry.error('Messages were not sent', cause),
  }),
  // A person waits: two tries of ten seconds fit into the 27 that are left of API Gateway's 30.
  metabase: createMetabase({
    addressPolicy: env.ALLOW_PRIVATE_NETWORK ? 'private' : 'public',
    requestTimeoutMs: 10_000,
    maxAttempts: 2,
  }),
  clock: systemClock,
  telemetry,
  tenantClaim: env.TENANT_CLAIM,
  manualSyncMinMs: env.MANUAL_SYNC_MIN_SECONDS * 1000,
});
