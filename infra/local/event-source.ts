import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { region } from './template.ts';

export interface EventSourceOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly invoke: (event: SQSEvent) => Promise<unknown>;
  readonly batchSize: number;
  /** Whether the function answers with the messages that failed; otherwise the batch succeeds or fails as one. */
  readonly reportsFailures: boolean;
  /** Batches at the same time. */
  readonly concurrency: number;
}

export interface EventSource {
  /** Whether no message waits and none is being handled; those that failed and are invisible do not count. */
  idle(): Promise<boolean>;
  close(): Promise<void>;
}

/** SQS ends a long poll after 20 s. */
const waitSeconds = 20;

/** An event source mapping: polls the queue, invokes the function, deletes what succeeded. */
export function startEventSource(options: EventSourceOptions): EventSource {
  const { client, queueUrl } = options;
  const ending = new AbortController();
  /** Failed and invisible until the queue's visibility time-out shows them again. */
  const failed = new Set<string>();
  let handling = 0;

  async function receive(): Promise<Message[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(options.batchSize, 10),
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: ending.signal },
    );
    return Messages;
  }

  async function poll(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const messages = await receive();
        if (messages.length === 0) continue;
        handling += 1;
        for (const { MessageId = '' } of messages) failed.delete(MessageId);
        try {
          for (const id of await handleBatch(options, messages)) failed.add(id);
        } finally {
          handling -= 1;
        }
      } catch {
        // The queue is gone because the run ends, or it hiccuped: ask again in a moment.
        await sleep(1000, undefined, { signal: ending.signal }).catch(() => {});
      }
    }
  }

  const polling = Array.from({ length: options.concurrency }, poll);
  return {
    async idle() {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      const visible = Number(Attributes.ApproximateNumberOfMessages);
      const invisible = Number(Attributes.ApproximateNumberOfMessagesNotVisible);
      return handling === 0 && visible === 0 && invisible <= failed.size;
    },
    async close() {
      ending.abort();
      await Promise.all(polling);
    },
  };
}

/** Gives the messages that failed: they stay, and show again after the visibility time-out, as SQS retries. */
async function handleBatch(options: EventSourceOptions, messages: Message[]): Promise<Set<string>> {
  const failed = await failedIds(options, messages);
  const done = messages.filter(({ MessageId }) => !failed.has(MessageId ?? ''));
  if (done.length === 0) return failed;
  await options.client.send(
    new DeleteMessageBatchCommand({
      QueueUrl: options.queueUrl,
      Entries: done.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle })),
    }),
  );
  return failed;
}

async function failedIds(options: EventSourceOptions, messages: Message[]): Promise<Set<string>> {
  const all = new Set(messages.map(({ MessageId }) => MessageId ?? ''));
  let answer: unknown;
  try {
    answer = await options.invoke({
      Records: messages.map((message) => toRecord(message, options.queueArn)),
    });
  } catch {
    return all;
  }
  if (!options.reportsFailures) return new Set();
  const failures = (answer as SQSBatchResponse | null)?.batchItemFailures ?? [];
  const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
  // As Lambda does: an identifier that is no message of the batch fails the whole batch.
  return [...failed].every((id) => all.has(id)) ? failed : all;
}

function toRecord(message: Message, queueArn: string): SQSRecord {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: { ...message.Attributes } as SQSRecord['attributes'] & Record<string, string>,
    messageAttributes: {},
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
