import { CreateTableCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface TableNames {
  readonly connections: string;
  readonly snapshots: string;
}

/** The two tables as the stack has them, as far as their keys matter. Takes milliseconds in dynalite. */
export async function createTables(client: DynamoDBDocumentClient, names: TableNames): Promise<void> {
  await client.send(new CreateTableCommand(connectionsTable(names.connections)));
  await client.send(new CreateTableCommand(snapshotsTable(names.snapshots)));
}

function connectionsTable(TableName: string): CreateTableCommandInput {
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'tenantId', AttributeType: 'S' },
      { AttributeName: 'connectionId', AttributeType: 'S' },
      { AttributeName: 'dueShard', AttributeType: 'N' },
      { AttributeName: 'nextSyncAt', AttributeType: 'S' },
    ],
    KeySchema: keys('tenantId', 'connectionId'),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'due',
        KeySchema: keys('dueShard', 'nextSyncAt'),
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  };
}

function snapshotsTable(TableName: string): CreateTableCommandInput {
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'connectionKey', AttributeType: 'S' },
      { AttributeName: 'item', AttributeType: 'S' },
    ],
    KeySchema: keys('connectionKey', 'item'),
  };
}

function keys(partition: string, sort: string): CreateTableCommandInput['KeySchema'] {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ];
}
