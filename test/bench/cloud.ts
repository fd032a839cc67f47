import { CreateTableCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { realPacing, writeInBatches } from '#shared/aws/batch-write.ts';
import { createDocumentClient, createSqsClient } from '#shared/aws/clients.ts';
import { connectionItemKey, dueAttributes } from '#shared/aws/connection-item.ts';
import { createConnectionStore } from '#shared/aws/connections.ts';
import { dueIndex } from '#shared/aws/due.ts';
import { type ConnectionKey, connectionIdOf } from '#shared/domain/connection.ts';
import { queueUrl } from '../../infra/local/queue.ts';
import type { StartedEmulator } from './emulator-process.ts';
import { startServer } from './processes.ts';

export const connectionsTable = 'connections';
export const snapshotsTable = 'snapshots';
const queueName = 'sync';

const emulatorFile = `${import.meta.dirname}/emulator-process.ts`;
const accountless = { region: 'us-east-1', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } };

export interface Cloud extends AsyncDisposable {
  /** Leads the SDK of a worker here. */
  readonly env: Readonly<Record<string, string>>;
  readonly queueUrl: string;
  connect(instanceUrl: string): Promise<ConnectionKey>;
  /** Connections that have synced before and are all due now. */
  seedDueConnections(count: number): Promise<void>;
}

/** Empty tables in memory and an empty queue, in a process of their own. */
export async function startCloud(): Promise<Cloud> {
  const emulator = await startServer<StartedEmulator>(emulatorFile);
  const { dynamoDbUrl, sqsUrl } = emulator.started;
  const client = createDocumentClient({ ...accountless, endpoint: dynamoDbUrl });
  const sqs = createSqsClient({ ...accountless, endpoint: sqsUrl });
  for (const table of tables) await client.send(new CreateTableCommand(table));
  await sqs.send(new CreateQueueCommand({ QueueName: queueName }));
  const connections = createConnectionStore({ client, tableName: connectionsTable });

  return {
    env: { AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl, AWS_ENDPOINT_URL_SQS: sqsUrl },
    queueUrl: queueUrl(sqsUrl, queueName),

    async connect(instanceUrl) {
      const key = { tenantId: 'acme', connectionId: connectionIdOf('acme', instanceUrl) };
      const now = new Date();
      await connections.connect({
        ...key,
        instanceUrl,
        name: null,
        metabaseVersion: null,
        instanceId: null,
        now,
        nextSyncAt: now,
      });
      return key;
    },

    async seedDueConnections(count) {
      const table = { client, tableName: connectionsTable };
      await writeInBatches(table, putSyncedConnections(count), new AbortController().signal, realPacing);
    },

    async [Symbol.asyncDispose]() {
      client.destroy();
      sqs.destroy();
      await emulator[Symbol.asyncDispose]();
    },
  };
}

/**
 * Due one millisecond after the other: the emulator tells entries of an index that are due at the same moment apart by
 * 24 bits only, and of so many it would lose some.
 */
function* putSyncedConnections(count: number) {
  const anHourAgoMs = Date.now() - 3_600_000;
  for (let index = 0; index < count; index += 1) {
    yield { PutRequest: { Item: syncedConnection(`tenant-${index}`, new Date(anHourAgoMs - index)) } };
  }
}

/** As large as a connection is after a sync, because the units that a move costs depend on it. */
function syncedConnection(tenantId: string, dueSince: Date) {
  const instanceUrl = `https://metabase.${tenantId}.example.com`;
  const key = { tenantId, connectionId: connectionIdOf(tenantId, instanceUrl) };
  const then = dueSince.toISOString();
  return {
    ...connectionItemKey(key),
    instanceUrl,
    name: 'Analytics',
    status: 'active',
    metabaseVersion: 'v0.63.2.7',
    instanceId: '00000000-0000-4000-8000-000000000000',
    connectedAt: then,
    credentialUpdatedAt: then,
    lastAttemptAt: then,
    lastSyncAt: then,
    failuresInRow: 0,
    summary: { users: 500, activeUsers: 450, plan: 'pro-cloud', edition: 'pro', seatsUsed: 450 },
    publishedVersion: 1,
    abandonedVersions: [],
    leaseToken: 1,
    ...dueAttributes(key, dueSince),
  };
}

const tables: readonly CreateTableCommandInput[] = [
  {
    TableName: connectionsTable,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'tenantId', AttributeType: 'S' },
      { AttributeName: 'connectionId', AttributeType: 'S' },
      { AttributeName: 'dueShard', AttributeType: 'N' },
      { AttributeName: 'nextSyncAt', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'tenantId', KeyType: 'HASH' },
      { AttributeName: 'connectionId', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: dueIndex,
        KeySchema: [
          { AttributeName: 'dueShard', KeyType: 'HASH' },
          { AttributeName: 'nextSyncAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  },
  {
    TableName: snapshotsTable,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'connectionKey', AttributeType: 'S' },
      { AttributeName: 'item', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'connectionKey', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
  },
];
