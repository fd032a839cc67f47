import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import { createCredentialStore } from '#shared/aws/credentials.ts';
import { secretName } from '#shared/aws/keys.ts';
import { createSyncQueue } from '#shared/aws/queue.ts';
import { startDynamoDbEmulator, startSecretsEmulator, startSqsEmulator } from '#test/support/emulators.ts';
import { createAwsPorts } from '#test/support/ports.ts';
import { describeConnectionStore } from './connection-store.ts';
import { describeCredentialStore } from './credential-store.ts';
import { describeDueStore } from './due-store.ts';
import { describeFencing } from './fencing.ts';
import { describeLeaseStore } from './lease-store.ts';
import { describeSnapshotPurger } from './snapshot-purger.ts';
import { describeSnapshotReader } from './snapshot-reader.ts';
import { describeSnapshotWriter } from './snapshot-writer.ts';
import { describeSyncQueue } from './sync-queue.ts';

let emulators: Awaited<ReturnType<typeof startEmulators>>;
const startEmulators = async () => ({
  dynamoDb: await startDynamoDbEmulator(),
  secrets: await startSecretsEmulator(),
  sqs: await startSqsEmulator(),
});
beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => Promise.all(Object.values(emulators).map((emulator) => emulator.close())));

const onDynamoDb = 'on DynamoDB';
const makePorts = async () => createAwsPorts(await emulators.dynamoDb.createTables());

describeConnectionStore(onDynamoDb, makePorts);
describeLeaseStore(onDynamoDb, makePorts);
describeDueStore(onDynamoDb, async () => createAwsPorts(await emulators.dynamoDb.createTables(), 2));
describeSnapshotWriter(onDynamoDb, makePorts);
describeSnapshotReader(onDynamoDb, makePorts);
describeSnapshotPurger(onDynamoDb, makePorts);
describeFencing(onDynamoDb, makePorts);

let prefixes = 0;
describeCredentialStore('on Secrets Manager', async () => {
  const { client } = emulators.secrets;
  const prefix = `test-${++prefixes}`;
  return {
    credentials: createCredentialStore({ client, prefix }),
    async lastWrite(key) {
      const secret = await client.send(new DescribeSecretCommand({ SecretId: secretName(prefix, key) }));
      return secret.VersionIdsToStages;
    },
  };
});

describeSyncQueue('on SQS', async () => {
  const { client } = emulators.sqs;
  const queueUrl = await emulators.sqs.createQueue();
  return {
    queue: createSyncQueue({ client, queueUrl }),
    async received() {
      const bodies: unknown[] = [];
      for (;;) {
        const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
        const { Messages = [] } = await client.send(receive);
        if (Messages.length === 0) return bodies;
        bodies.push(...Messages.map(({ Body = '' }) => JSON.parse(Body)));
      }
    },
  };
});
