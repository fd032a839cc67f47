import { SendMessageBatchCommand, type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSqsClient } from '#shared/aws/clients.ts';
import { createSyncQueue } from '#shared/aws/queue.ts';
import type { SyncMessage } from '#shared/domain/connection.ts';
import { key, noon } from '#test/contract/examples.ts';

const sqs = mockClient(SQSClient);
const messages = Array.from(
  { length: 23 },
  (_, i): SyncMessage => ({
    ...key,
    tenantId: `tenant-${i}`,
    trigger: 'schedule',
    requestedAt: noon.toISOString(),
  }),
);

describe('a queue that does not take everything', () => {
  const told: unknown[] = [];
  const queue = createSyncQueue({
    client: createSqsClient({ region: 'eu-central-1' }),
    queueUrl: 'https://sqs.example.com/syncs',
    onUnsent: (cause) => told.push(cause),
  });
  beforeEach(() => {
    sqs.reset();
    told.length = 0;
  });

  it('gives back the messages that were refused, and says why', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: SendMessageBatchCommandInput) => ({
      Failed: Entries?.filter(({ MessageBody }) => /"tenant-(3|17)"/.test(MessageBody ?? '')).map(
        ({ Id }) => ({
          Id,
          Code: 'InternalError',
          SenderFault: false,
        }),
      ),
    }));
    const unsent = await queue.send(messages);
    expect(unsent.map(({ tenantId }) => tenantId)).toEqual(['tenant-3', 'tenant-17']);
    expect(told).toHaveLength(2);
  });

  it('gives back a batch that did not get through, and sends the others', async () => {
    sqs.on(SendMessageBatchCommand).rejectsOnce(new Error('socket hang up')).resolves({});
    expect(await queue.send(messages)).toEqual(messages.slice(0, 10));
    expect(sqs.commandCalls(SendMessageBatchCommand)).toHaveLength(3);
    expect(told).toEqual([new Error('socket hang up')]);
  });
});
