import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { createTableIfMissing, readTable, startDynamoDb } from '../../../infra/local/dynamodb.ts';
import { startEmulators } from '../../../infra/local/emulators.ts';
import { createQueues, queueArn, queueUrl, startQueues } from '../../../infra/local/queue.ts';

const table = readTable('rows', {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'shard', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'due',
      KeySchema: [{ AttributeName: 'shard', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  DeletionProtectionEnabled: true,
  SSESpecification: { SSEEnabled: true },
});

const folder = mkdtempSync(join(tmpdir(), 'emulators-'));
afterAll(() => rmSync(folder, { recursive: true }));

const reach = (endpoint: string, accessKeyId = 'THIS-RUN') => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'x' },
  maxAttempts: 1,
});

describe('the local emulators', () => {
  test('keep tables and rows from one run to the next, and refuse tables with other keys', async () => {
    const first = await startEmulators('FIRST', folder);
    await createTableIfMissing(first.clients.dynamoDb, table);
    await first.clients.dynamoDb.send(new PutCommand({ TableName: 'rows', Item: { id: 'a', n: 1 } }));
    await first[Symbol.asyncDispose]();

    await using second = await startEmulators('SECOND', folder);
    await createTableIfMissing(second.clients.dynamoDb, table);
    const { Item } = await second.clients.dynamoDb.send(
      new GetCommand({ TableName: 'rows', Key: { id: 'a' } }),
    );
    expect(Item).toEqual({ id: 'a', n: 1 });

    const KeySchema = [{ AttributeName: 'other', KeyType: 'HASH' as const }];
    const changed = createTableIfMissing(second.clients.dynamoDb, { ...table, KeySchema });
    await expect(changed).rejects.toThrow('--fresh');
  });

  test('give a table the keys and indexes of the template and leave out what means nothing here', async () => {
    const { url, close } = await startDynamoDb();
    const client = new DynamoDBClient(reach(url));
    await createTableIfMissing(client, table);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'rows' }));
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE', GlobalSecondaryIndexes: [{ IndexName: 'due' }] });
    client.destroy();
    await close();
  });

  test('give a queue its visibility time-out and its dead-letter queue, in whatever order they stand', async () => {
    const { url, close } = await startQueues();
    const client = new SQSClient(reach(url));
    const redrive = { deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 3 };
    await createQueues(client, [
      {
        name: 'syncs',
        properties: { VisibilityTimeout: 1800, RedrivePolicy: redrive, SqsManagedSseEnabled: true },
      },
      { name: 'dead', properties: {} },
    ]);
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl(url, 'syncs'), AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({ VisibilityTimeout: '1800', RedrivePolicy: JSON.stringify(redrive) });
    client.destroy();
    await close();
  });

  test('admit only programs that have the access key of this run', async () => {
    const dynamoDb = await startDynamoDb({ accessKeyId: 'THIS-RUN' });
    const queues = await startQueues({ accessKeyId: 'THIS-RUN' });
    await new DynamoDBClient(reach(dynamoDb.url)).send(new ListTablesCommand({}));
    await new SQSClient(reach(queues.url)).send(new ListQueuesCommand({}));

    const refused = { name: 'UnrecognizedClientException' };
    const listTables = new DynamoDBClient(reach(dynamoDb.url, 'OTHER')).send(new ListTablesCommand({}));
    await expect(listTables).rejects.toMatchObject(refused);
    const listQueues = new SQSClient(reach(queues.url, 'OTHER')).send(new ListQueuesCommand({}));
    await expect(listQueues).rejects.toMatchObject(refused);
    await dynamoDb.close();
    await queues.close();
  });

  test('do not let web pages in', async () => {
    const dynamoDb = await startDynamoDb();
    const preflight = await fetch(dynamoDb.url, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    await dynamoDb.close();
  });
});
