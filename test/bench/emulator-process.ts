import { startDynamoDb } from '../../infra/local/dynamodb.ts';
import { startQueues } from '../../infra/local/queue.ts';
import { serve } from './processes.ts';

export interface StartedEmulator {
  readonly dynamoDbUrl: string;
  readonly sqsUrl: string;
}

await serve(async () => {
  const [dynamoDb, queues] = await Promise.all([startDynamoDb(), startQueues()]);
  const started: StartedEmulator = { dynamoDbUrl: dynamoDb.url, sqsUrl: queues.url };
  return { started };
});
