import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SyncMessage } from '#shared/domain/connection.ts';
import type { SyncQueue } from '#shared/use-cases/ports.ts';
import { chunksOf, forEachOf } from './concurrency.ts';

/** Limit of SendMessageBatch. */
const batchSize = 10;
const concurrency = 16;

interface SyncQueueOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Told why messages were not sent, once for each batch that had some: the port only says which. */
  readonly onUnsent?: (cause: unknown) => void;
}

export function createSyncQueue({ client, queueUrl, onUnsent }: SyncQueueOptions): SyncQueue {
  const sendBatch = async (batch: SyncMessage[]): Promise<SyncMessage[]> => {
    const Entries = batch.map((message, i) => ({ Id: String(i), MessageBody: JSON.stringify(message) }));
    try {
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      if (Failed.length > 0) onUnsent?.(Failed);
      return batch.filter((_, i) => Failed.some(({ Id }) => Id === String(i)));
    } catch (error) {
      onUnsent?.(error);
      return batch;
    }
  };

  return {
    async send(messages) {
      const unsent: SyncMessage[] = [];
      await forEachOf(chunksOf(messages, batchSize), concurrency, undefined, async (batch) => {
        unsent.push(...(await sendBatch(batch)));
      });
      return unsent;
    },
  };
}
