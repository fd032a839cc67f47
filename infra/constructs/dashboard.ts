import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Dashboard, GraphWidget, type IMetric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Functions } from './functions.ts';
import { ownMetric } from './metrics.ts';
import type { SyncQueue } from './sync-queue.ts';

export interface SyncDashboardProps {
  readonly service: string;
  readonly functions: Functions;
  readonly syncQueue: SyncQueue;
  readonly api: HttpApi;
}

/** First how the tenants fare, then how the machinery does. */
export class SyncDashboard extends Construct {
  constructor(scope: Construct, id: string, { service, functions, syncQueue, api }: SyncDashboardProps) {
    super(scope, id);
    const lambdas = Object.entries({
      connect: functions.connect,
      read: functions.read,
      dispatch: functions.dispatch,
      sync: functions.sync,
      resync: functions.resync,
    }).map(([label, { lambda }]) => ({ label, lambda }));

    new Dashboard(this, 'Dashboard', {
      dashboardName: service,
      defaultInterval: Duration.days(1),
      widgets: [
        [heading('Tenants')],
        [
          graph('What came of the syncs', [
            ownMetric(service, 'SyncPublished', { label: 'published' }),
            ownMetric(service, 'SyncRetrying', { label: 'instance in trouble, tried again' }),
            ownMetric(service, 'SyncNeedsAttention', { label: 'tenant must act' }),
            ownMetric(service, 'SyncHeldBack', { label: 'held back' }),
            ownMetric(service, 'SyncUnexpected', { label: 'unexpected' }),
          ]),
          graph('User rows written', [ownMetric(service, 'UserRowsWritten', { label: 'rows' })]),
          graph('Connections that need attention', [
            ownMetric(service, 'SyncNeedsAttention', {
              label: 'found in an hour',
              period: Duration.hours(1),
            }),
          ]),
        ],
        [heading('Machinery')],
        [
          graph(
            'Duration, 99th percentile',
            lambdas.map(({ label, lambda }) => lambda.metricDuration({ label, statistic: 'p99' })),
          ),
          graph(
            'Errors',
            lambdas.map(({ label, lambda }) => lambda.metricErrors({ label })),
          ),
          graph(
            'Throttles',
            lambdas.map(({ label, lambda }) => lambda.metricThrottles({ label })),
          ),
        ],
        [
          graph('Age of the oldest message', [
            syncQueue.queue.metricApproximateAgeOfOldestMessage({ label: 'seconds', statistic: 'Maximum' }),
          ]),
          graph('Messages', [
            syncQueue.queue.metricApproximateNumberOfMessagesVisible({ label: 'waiting' }),
            syncQueue.queue.metricApproximateNumberOfMessagesNotVisible({ label: 'in work' }),
            syncQueue.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'dead letters' }),
            ownMetric(service, 'MalformedMessages', { label: 'malformed' }),
          ]),
          graph('Dispatch', [
            ownMetric(service, 'ConnectionsDispatched', { label: 'connections' }),
            ownMetric(service, 'ConnectionsUnsent', { label: 'not sent' }),
            ownMetric(service, 'DispatchLagSeconds', { label: 'lag, seconds', statistic: 'Maximum' }),
          ]),
        ],
        [
          graph('HTTP', [
            api.metricCount({ label: 'requests', statistic: 'Sum' }),
            api.metricClientError({ label: '4xx', statistic: 'Sum' }),
            api.metricServerError({ label: '5xx, 502 included', statistic: 'Sum' }),
            ownMetric(service, 'HttpServerErrors', { label: '5xx without 502' }),
          ]),
          graph('HTTP latency, 99th percentile', [api.metricLatency({ label: 'ms', statistic: 'p99' })]),
        ],
      ],
    });
  }
}

function heading(title: string): TextWidget {
  return new TextWidget({ markdown: `## ${title}`, width: 24, height: 1 });
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8 });
}
