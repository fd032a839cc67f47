import type { SyncMessage } from '#shared/domain/connection.ts';
import { describeOutcome } from '#shared/use-cases/describe-outcome.ts';
import type { SyncOutcome } from '#shared/use-cases/sync-connection.ts';
import type { MetricName, Telemetry } from './telemetry.ts';

const metricOf: Record<Exclude<SyncOutcome['kind'], 'published' | 'skipped'>, MetricName> = {
  held_back: 'SyncHeldBack',
  needs_attention: 'SyncNeedsAttention',
  retrying: 'SyncRetrying',
};

/** One log line and one metric for every sync, whoever started it. */
export function reportOutcome(telemetry: Telemetry, message: SyncMessage, outcome: SyncOutcome): void {
  const { tenantId, connectionId, trigger } = message;
  const fields = { tenantId, connectionId, trigger, outcome: outcome.kind };
  if (outcome.kind === 'published') {
    const { version, userRowsWritten, changes, metabaseRequests, metabaseBytes, durationMs } = outcome.header;
    const numbers = { version, userRowsWritten, changes, metabaseRequests, metabaseBytes, durationMs };
    telemetry.count('SyncPublished', 1);
    telemetry.count('UserRowsWritten', userRowsWritten);
    telemetry.info(describeOutcome(outcome), { ...fields, ...numbers });
    return;
  }
  const { failure } = outcome;
  if (failure.code === 'unexpected') {
    telemetry.count('SyncUnexpected', 1);
    telemetry.error('Sync failed unexpectedly', failure, fields);
    return;
  }
  const reason = { code: failure.code, reason: failure.message };
  if (outcome.kind === 'skipped') {
    telemetry.info('Sync skipped', { ...fields, ...reason });
    return;
  }
  telemetry.count(metricOf[outcome.kind], 1);
  telemetry.warn('Sync failed', { ...fields, ...reason });
}
