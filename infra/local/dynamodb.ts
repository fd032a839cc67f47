import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import * as z from 'zod';
import { sendJson } from './loopback-server.ts';
import { Problem } from './problem.ts';
import { signedBy } from './signed-by.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

/** What dynalite knows of a table; encryption, recovery, TTL and protection mean nothing on a laptop. */
const tableSchema = z.object({
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
      }),
    )
    .optional(),
});

/** A table from the properties of an `AWS::DynamoDB::Table`. */
export function readTable(name: string, properties: unknown): CreateTableCommandInput {
  return {
    TableName: name,
    ...tableSchema.parse(properties),
    BillingMode: 'PAY_PER_REQUEST',
  } as CreateTableCommandInput;
}

export interface DynamoDbOptions {
  /** Where the tables are kept; in memory when it is missing. One process at a time may use a folder. */
  readonly folder?: string | undefined;
  /** When given, requests signed with another access key id are refused. */
  readonly accessKeyId?: string | undefined;
}

/** DynamoDB on the loopback interface. */
export async function startDynamoDb({ folder, accessKeyId }: DynamoDbOptions = {}): Promise<{
  url: string;
  close(): Promise<void>;
}> {
  const server = dynalite({ path: folder, createTableMs: 0 });
  admitOnly(server, accessKeyId);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/** dynalite lets every web page in (CORS) and every program; the tables hold people's names and addresses. */
function admitOnly(server: Server, accessKeyId: string | undefined): void {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const signer = signedBy(request);
    if (signer === null || (accessKeyId !== undefined && signer !== accessKeyId)) {
      return sendJson(response, 400, { __type: 'UnrecognizedClientException' });
    }
    for (const listener of listeners) listener(request, response);
  });
}

/** Creates the table unless the last run did. @throws Problem when the stored one has other keys */
export async function createTableIfMissing(
  client: DynamoDBClient,
  table: CreateTableCommandInput,
): Promise<void> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table.TableName }));
    if (keysOf(Table ?? {}) === keysOf(table)) return;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await client.send(new CreateTableCommand(table));
    return;
  }
  throw new Problem(
    `The table ${table.TableName} in the data folder has other keys than this version of the program gives it. ` +
      'Start with --fresh (which deletes the local data), or with another --data-dir.',
  );
}

function keysOf({ KeySchema, GlobalSecondaryIndexes }: TableDescription | CreateTableCommandInput): string {
  const indexes = (GlobalSecondaryIndexes ?? []).map((index) => [
    index.IndexName,
    attributeNames(index.KeySchema),
  ]);
  return JSON.stringify([attributeNames(KeySchema), indexes.sort()]);
}

function attributeNames(keys: TableDescription['KeySchema']): string {
  return (keys ?? []).map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`).join();
}
