import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startDynamoDb } from './dynamodb.ts';
import { startQueues } from './queue.ts';
import { startSecretsManager } from './secrets-manager.ts';
import { region } from './template.ts';

/** What stands in for AWS, reached through the unchanged SDK. */
export interface Emulators extends AsyncDisposable {
  readonly endpoints: { readonly dynamoDb: string; readonly sqs: string; readonly secretsManager: string };
  readonly clients: {
    readonly dynamoDb: DynamoDBDocumentClient;
    readonly sqs: SQSClient;
    readonly secretsManager: SecretsManagerClient;
  };
}

/** Tables and secrets are kept in `dataDir`, or in memory. */
export async function startEmulators(accessKeyId: string, dataDir?: string): Promise<Emulators> {
  await using started = new AsyncDisposableStack();
  const inDataDir = (name: string) => (dataDir === undefined ? undefined : join(dataDir, name));

  const secretsManager = await startSecretsManager({ dataFile: inDataDir('secrets.json'), accessKeyId });
  started.defer(secretsManager.close);
  const dynamoDb = await startDynamoDb({ folder: inDataDir('dynamodb'), accessKeyId });
  started.defer(dynamoDb.close);
  const queues = await startQueues({ accessKeyId });
  started.defer(queues.close);

  const credentials = { accessKeyId, secretAccessKey: accessKeyId };
  const common = { region, credentials, maxAttempts: 2 };
  const clients = {
    dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient({ ...common, endpoint: dynamoDb.url })),
    sqs: new SQSClient({ ...common, endpoint: queues.url }),
    secretsManager: new SecretsManagerClient({ ...common, endpoint: secretsManager.url }),
  };
  started.defer(() => {
    for (const client of Object.values(clients)) client.destroy();
  });

  const running = started.move();
  return {
    endpoints: { dynamoDb: dynamoDb.url, sqs: queues.url, secretsManager: secretsManager.url },
    clients,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
