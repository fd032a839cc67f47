import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '#shared/lambda/telemetry.ts';

export const metricsNamespace = 'MetabaseSync';

/** What the functions count themselves; the only dimension is the service, which is the stack's name. */
export type OwnMetric = MetricName | 'HttpServerErrors';

export function ownMetric(service: string, metricName: OwnMetric, options: MetricOptions = {}): Metric {
  return new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: { service },
    statistic: 'Sum',
    period: Duration.minutes(5),
    ...options,
  });
}
