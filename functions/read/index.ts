import { createDocumentClient } from '#shared/aws/clients.ts';
import { createConnectionReader } from '#shared/aws/connections.ts';
import { createSnapshotReader } from '#shared/aws/snapshot-reader.ts';
import { readEnvironment } from '#shared/lambda/environment.ts';
import { createTelemetry } from '#shared/lambda/telemetry.ts';
import { createReadHandler } from './handler.ts';

const env = readEnvironment(['CONNECTIONS_TABLE', 'SNAPSHOTS_TABLE', 'TENANT_CLAIM']);
const client = createDocumentClient();

export const handler = createReadHandler({
  connections: createConnectionReader({ client, tableName: env.CONNECTIONS_TABLE }),
  snapshots: createSnapshotReader({ client, tableName: env.SNAPSHOTS_TABLE }),
  telemetry: createTelemetry(),
  tenantClaim: env.TENANT_CLAIM,
});
