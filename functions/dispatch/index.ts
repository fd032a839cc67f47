import { createDocumentClient, createSqsClient } from '#shared/aws/clients.ts';
import { createDueStore } from '#shared/aws/due.ts';
import { createSyncQueue } from '#shared/aws/queue.ts';
import { systemClock } from '#shared/lambda/clock.ts';
import { readEnvironment } from '#shared/lambda/environment.ts';
import { createTelemetry } from '#shared/lambda/telemetry.ts';
import { createDispatchHandler } from './handler.ts';

const env = readEnvironment(['CONNECTIONS_TABLE', 'SYNC_QUEUE_URL', 'SYNC_INTERVAL_MINUTES']);
const telemetry = createTelemetry();

export const handler = createDispatchHandler({
  due: createDueStore({ client: createDocumentClient(), tableName: env.CONNECTIONS_TABLE }),
  queue: createSyncQueue({
    client: createSqsClient(),
    queueUrl: env.SYNC_QUEUE_URL,
    onUnsent: (cause) => telemetry.error('Messages were not sent', cause),
  }),
  clock: systemClock,
  telemetry,
  intervalMs: env.SYNC_INTERVAL_MINUTES * 60_000,
});
