import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDocumentClient, createSecretsClient, createSqsClient } from '#shared/aws/clients.ts';
import type { Table } from '#shared/aws/table.ts';
import { startDynamoDb } from '../../infra/local/dynamodb.ts';
import { startQueues } from '../../infra/local/queue.ts';
import { startSecretsManager } from '../../infra/local/secrets-manager.ts';
import { createTables } from './tables.ts';

/** Emulators run in the test's own process, in memory, on a free loopback port. Close them in `afterAll`. */
export interface Emulator<Client> {
  readonly client: Client;
  close(): Promise<void>;
}

export interface DynamoDbEmulator extends Emulator<DynamoDBDocumentClient> {
  /** A fresh pair of tables, so that tests cannot see each other. */
  createTables(): Promise<{ connections: Table; snapshots: Table }>;
}

function reach(endpoint: string) {
  return { endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

export async function startDynamoDbEmulator(): Promise<DynamoDbEmulator> {
  const { url, close } = await startDynamoDb();
  const client = createDocumentClient(reach(url));
  let count = 0;
  return {
    client,
    close: () => closeBoth(client, close),
    async createTables() {
      count += 1;
      const names = { connections: `connections-${count}`, snapshots: `snapshots-${count}` };
      await createTables(client, names);
      return {
        connections: { client, tableName: names.connections },
        snapshots: { client, tableName: names.snapshots },
      };
    },
  };
}

export async function startSqsEmulator(): Promise<Emulator<SQSClient> & { createQueue(): Promise<string> }> {
  const { url, close } = await startQueues();
  const client = createSqsClient(reach(url));
  let count = 0;
  return {
    client,
    close: () => closeBoth(client, close),
    async createQueue() {
      count += 1;
      const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `syncs-${count}` }));
      return QueueUrl;
    },
  };
}

export async function startSecretsEmulator(now?: () => Date): Promise<Emulator<SecretsManagerClient>> {
  const { url, close } = await startSecretsManager({ now });
  const client = createSecretsClient(reach(url));
  return { client, close: () => closeBoth(client, close) };
}

async function closeBoth(client: { destroy(): void }, close: () => Promise<void>): Promise<void> {
  client.destroy();
  await close();
}
