import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type SyncMessage, syncMessageSchema } from '#shared/domain/connection.ts';
import { asFailure } from '#shared/domain/errors.ts';
import { type RemainingTime, withDeadline } from '#shared/lambda/deadline.ts';
import { parseInput } from '#shared/lambda/explain.ts';
import { reportOutcome } from '#shared/lambda/report-outcome.ts';
import type { Telemetry } from '#shared/lambda/telemetry.ts';
import { type SyncPorts, type SyncSettings, syncConnection } from '#shared/use-cases/sync-connection.ts';

interface SyncDeps extends SyncPorts {
  readonly settings: SyncSettings;
  readonly telemetry: Telemetry;
}

/** Time to record a failure and to give the lease back. */
const reserveMs = 10_000;

/** The next file to read is shared/use-cases/sync-connection.ts. */
export function createSyncHandler(deps: SyncDeps) {
  const { telemetry } = deps;

  /** Says whether the queue may forget the message. */
  async function handle(record: SQSRecord, context: RemainingTime): Promise<boolean> {
    const message = parseMessage(record, telemetry);
    if (message === null) return true;
    try {
      const outcome = await withDeadline(context, reserveMs, (signal) =>
        syncConnection(deps, deps.settings, message, signal),
      );
      reportOutcome(telemetry, message, outcome);
      return outcome.kind === 'published' || outcome.failure.outcome.queue === 'acknowledge';
    } catch (error) {
      telemetry.count('SyncUnexpected', 1);
      telemetry.error('Sync broke', error, { ...message });
      return false;
    }
  }

  return middy<SQSEvent, SQSBatchResponse>().handler(async (event, context) => {
    try {
      const batchItemFailures = [];
      // One after another: the stack sends one message at a time, and a larger batch must share one deadline.
      for (const record of event.Records) {
        const done = await handle(record, context as RemainingTime);
        if (!done) batchItemFailures.push({ itemIdentifier: record.messageId });
      }
      return { batchItemFailures };
    } finally {
      telemetry.flush();
    }
  });
}

/** A message that can never succeed is counted and forgotten; trying it again would only delay the others. */
function parseMessage(record: SQSRecord, telemetry: Telemetry): SyncMessage | null {
  try {
    return parseInput(syncMessageSchema, JSON.parse(record.body));
  } catch (error) {
    telemetry.count('MalformedMessages', 1);
    telemetry.error('Message is malformed', asFailure(error), { messageId: record.messageId });
    return null;
  }
}
