import type { MetricName, Telemetry } from '#shared/lambda/telemetry.ts';

export interface RecordedTelemetry extends Telemetry {
  readonly lines: { level: string; message: string; fields: unknown; error?: unknown }[];
  readonly counts: Partial<Record<MetricName, number>>;
  flushed: number;
}

/** Keeps what a handler said, for tests to look at. */
export function recordTelemetry(): RecordedTelemetry {
  const lines: RecordedTelemetry['lines'] = [];
  const counts: RecordedTelemetry['counts'] = {};
  return {
    lines,
    counts,
    flushed: 0,
    info: (message, fields) => lines.push({ level: 'info', message, fields }),
    warn: (message, fields) => lines.push({ level: 'warn', message, fields }),
    error: (message, error, fields) => lines.push({ level: 'error', message, fields, error }),
    count: (metric, value) => {
      counts[metric] = (counts[metric] ?? 0) + value;
    },
    flush() {
      this.flushed += 1;
    },
  };
}
