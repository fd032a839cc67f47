import { createDocumentClient, createSqsClient } from '#shared/aws/clients.ts';
import { createDueStore } from '#shared/aws/due.ts';
import { createSyncQueue } from '#shared/aws/queue.ts';
import { dispatchDue } from '#shared/use-cases/dispatch-due.ts';
import { meterDynamoDb, meterSqs } from './meter.ts';
import { peakRssBytes } from './peak-memory.ts';
import { answerWith } from './processes.ts';
import type { DispatchResult } from './results.ts';

export interface DispatchInput {
  readonly connectionsTable: string;
  readonly queueUrl: string;
}

export type DispatchAnswer = Omit<DispatchResult, 'connections'> & { readonly dispatched: number };

await answerWith<DispatchInput>(async ({ connectionsTable, queueUrl }): Promise<DispatchAnswer> => {
  const client = createDocumentClient();
  const sqs = createSqsClient();
  const dynamoDb = meterDynamoDb(client);
  const queueUse = meterSqs(sqs);
  const ports = {
    due: createDueStore({ client, tableName: connectionsTable }),
    queue: createSyncQueue({ client: sqs, queueUrl }),
    clock: { now: () => new Date() },
  };

  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const { dispatched } = await dispatchDue(ports, 3_600_000, new AbortController().signal);
  const wallMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(startedCpu);
  return {
    dispatched,
    wallMs,
    cpuMs: (user + system) / 1000,
    messages: queueUse.messages,
    queueRequests: queueUse.requests,
    dynamoDb: dynamoDb.take(),
    peakRssBytes: peakRssBytes(),
  };
});
