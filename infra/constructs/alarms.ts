import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, type LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { maxReceiveCount, queueVisibilitySeconds } from '../limits.ts';
import type { Functions } from './functions.ts';
import { metricsNamespace, ownMetric } from './metrics.ts';
import type { SyncQueue } from './sync-queue.ts';

export interface AlarmsProps {
  readonly service: string;
  readonly topic: ITopic;
  readonly functions: Functions;
  readonly syncQueue: SyncQueue;
  readonly accessLogs: LogGroup;
}

type Rule = Pick<AlarmProps, 'threshold' | 'evaluationPeriods'> &
  Partial<AlarmProps> & { readonly metric: IMetric; readonly meaning: string; readonly entry?: string };

/** Each alarm leads to an entry in docs/runbook.md, of its own name where not said otherwise. */
export class Alarms extends Construct {
  readonly #service: string;
  readonly #topic: ITopic;

  constructor(
    scope: Construct,
    id: string,
    { service, topic, functions, syncQueue, accessLogs }: AlarmsProps,
  ) {
    super(scope, id);
    this.#service = service;
    this.#topic = topic;
    const { sync, dispatch } = functions;

    this.#add('dead-letters', {
      meaning:
        'The sync of at least one tenant failed three times for a reason we did not foresee. That tenant sees old users and licenses.',
      metric: syncQueue.deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      threshold: 1,
      evaluationPeriods: 1,
    });

    this.#add('syncs-late', {
      meaning: 'Syncs wait so long that many tenants see users and licenses that are hours old.',
      metric: syncQueue.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum' }),
      // Above all tries of one message that fails, so that only a true backlog gets here.
      threshold: maxReceiveCount * queueVisibilitySeconds + 600,
      evaluationPeriods: 3,
    });

    const perQuarter = { period: Duration.minutes(15), statistic: 'Sum' };
    this.#add('sync-errors', {
      meaning: 'Syncs crash or run out of time. The tenants concerned keep their last snapshot.',
      metric: sync.lambda.metricErrors(perQuarter),
      threshold: 3,
      evaluationPeriods: 1,
    });

    this.#add('sync-unexpected', {
      meaning:
        'Syncs fail for reasons we did not foresee. The tenants concerned keep their last snapshot; what fails three times becomes a dead letter.',
      metric: ownMetric(service, 'SyncUnexpected', perQuarter),
      entry: 'sync-errors',
      threshold: 3,
      evaluationPeriods: 1,
    });

    this.#add('sync-throttled', {
      meaning:
        'The account has no room for more syncs at a time, most likely because of other functions in it. The syncs of all tenants come late.',
      metric: sync.lambda.metricThrottles({ statistic: 'Sum' }),
      threshold: 1,
      evaluationPeriods: 3,
    });

    this.#add('dispatch-stopped', {
      meaning: 'Nobody has looked for ten minutes which syncs are due. Data of all tenants grows old.',
      metric: new MathExpression({
        label: 'successful ticks',
        expression: 'ticks - failures',
        usingMetrics: {
          ticks: dispatch.lambda.metricInvocations({ statistic: 'Sum' }),
          failures: dispatch.lambda.metricErrors({ statistic: 'Sum' }),
        },
      }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.BREACHING,
    });

    this.#countHttpErrors(accessLogs);
    this.#add('http-errors', {
      meaning: 'Tenants get server errors when they connect an instance or look at their data.',
      metric: ownMetric(service, 'HttpServerErrors'),
      threshold: 5,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    });

    this.#add('connections-need-attention', {
      meaning:
        'Unusually many tenants must act before their next sync. Perhaps the fault is ours, or Metabase changed.',
      // Such a connection is tried once a day: a steady 240 of them, all old news, reach this, too.
      metric: ownMetric(service, 'SyncNeedsAttention', { period: Duration.hours(1) }),
      threshold: 10,
      evaluationPeriods: 1,
    });
  }

  #add(name: string, { meaning, entry = name, metric, ...props }: Rule): void {
    new Alarm(this, name, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
      metric,
      alarmName: `${this.#service}-${name}`,
      alarmDescription: `${meaning} What to do: docs/runbook.md#${entry}`,
    }).addAlarmAction(new SnsAction(this.#topic));
  }

  /** The API's own 5xx metric will not do: it counts 502, our answer when a tenant's instance is down. */
  #countHttpErrors(accessLogs: LogGroup): void {
    new MetricFilter(this, 'HttpServerErrors', {
      logGroup: accessLogs,
      filterPattern: FilterPattern.literal('{ ($.status = "5*") && ($.status != "502") }'),
      metricNamespace: metricsNamespace,
      metricName: 'HttpServerErrors',
      metricValue: '1',
      dimensions: { service: '$.service' },
    });
  }
}
