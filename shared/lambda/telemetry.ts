import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { redact } from './redact.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What handlers may say; tenants go into log fields, never into metric dimensions, which cost by the value. */
export interface Telemetry {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  /** With the error's stack and cause, for engineers only. */
  error(message: string, error: unknown, fields?: Fields): void;
  count(metric: MetricName, value: number): void;
  /** Once at the end of every invocation. */
  flush(): void;
}

export type MetricName =
  | 'SyncPublished'
  | 'SyncHeldBack'
  | 'SyncNeedsAttention'
  | 'SyncRetrying'
  | 'SyncUnexpected'
  | 'UserRowsWritten'
  | 'MalformedMessages'
  | 'ConnectionsDispatched'
  | 'ConnectionsUnsent'
  | 'DispatchLagSeconds';

/** Powertools logger and metrics, named by `POWERTOOLS_*`; the only dimension is the service. */
export function createTelemetry(): Telemetry {
  const logger = new Logger({
    jsonReplacerFn: (_key, value) => (typeof value === 'string' ? redact(value) : value),
  });
  const metrics = new Metrics();
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, error, fields = {}) =>
      logger.error(message, { ...fields, error: error instanceof Error ? error : new Error(String(error)) }),
    count: (metric, value) =>
      metrics.addMetric(metric, metric.endsWith('Seconds') ? MetricUnit.Seconds : MetricUnit.Count, value),
    flush: () => metrics.publishStoredMetrics(),
  };
}
