import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { MetricName } from '#shared/lambda/telemetry.ts';
import { functionOf, type Properties, synthesize } from './synthesize.ts';

const stack = synthesize({ alarmEmail: 'oncall@example.com' });
const alarms = stack.all('AWS::CloudWatch::Alarm').map(({ properties }) => properties);

test('the tick comes every minute, and one that is lost for five minutes is left to the next', () => {
  const { ScheduleExpression, Target } = stack.one('AWS::Scheduler::Schedule').properties;
  expect(ScheduleExpression).toBe('rate(1 minute)');
  expect(Target.Arn).toEqual({ 'Fn::GetAtt': [functionOf(stack, 'dispatch').id, 'Arn'] });
  expect(Target.RetryPolicy).toEqual({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 300 });
});

test('the schedule may invoke the dispatcher only', () => {
  const { properties } = stack.one('AWS::IAM::Policy', 'Schedule/Role/DefaultPolicy');
  expect(properties.PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: { 'Fn::GetAtt': [functionOf(stack, 'dispatch').id, 'Arn'] },
    },
  ]);
});

test('there is an alarm for each way to let tenants down', () => {
  expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
    'metabase-sync-connections-need-attention',
    'metabase-sync-dead-letters',
    'metabase-sync-dispatch-stopped',
    'metabase-sync-http-errors',
    'metabase-sync-sync-errors',
    'metabase-sync-sync-throttled',
    'metabase-sync-sync-unexpected',
    'metabase-sync-syncs-late',
  ]);
});

test('every alarm says what it means for tenants, leads to an entry of the runbook, and tells someone', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  for (const { AlarmDescription, AlarmActions } of alarms) {
    const [, meaning, entry] = AlarmDescription.match(/^(.+) What to do: docs\/runbook\.md#(.+)$/) ?? [];
    expect(meaning).toMatch(/tenant/i);
    expect(runbook).toContain(`\n### ${entry}\n`);
    expect(AlarmActions).toEqual([{ Ref: stack.one('AWS::SNS::Topic').id }]);
  }
});

test('only the silence of the schedule is an alarm in itself', () => {
  const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
  expect(breaching.map(({ AlarmName }) => AlarmName)).toEqual(['metabase-sync-dispatch-stopped']);
  expect(breaching[0]).toMatchObject({ Threshold: 1, ComparisonOperator: 'LessThanThreshold' });
});

test('one message on its three tries does not make syncs late', () => {
  const late = alarms.find(({ AlarmName }) => AlarmName === 'metabase-sync-syncs-late');
  const { VisibilityTimeout, RedrivePolicy } = stack.one('AWS::SQS::Queue', 'SyncQueue/Queue').properties;
  expect(late?.Threshold).toBeGreaterThan(VisibilityTimeout * RedrivePolicy.maxReceiveCount);
});

test('the instance of a tenant being down is no server error of ours', () => {
  const filter = stack.one('AWS::Logs::MetricFilter').properties;
  expect(filter.FilterPattern).toBe('{ ($.status = "5*") && ($.status != "502") }');
  const counted = filter.MetricTransformations[0];
  const watched = alarms.find(({ MetricName }) => MetricName === counted.MetricName);
  expect(watched?.Namespace).toBe(counted.MetricNamespace);
});

test('alarm messages are encrypted, come from CloudWatch over TLS, and reach the address given', () => {
  const topic = stack.one('AWS::SNS::Topic');
  const key = stack.one('AWS::KMS::Key', 'AlarmTopic/Key');
  expect(topic.properties.KmsMasterKeyId).toEqual({ 'Fn::GetAtt': [key.id, 'Arn'] });
  const cloudWatch = { Service: 'cloudwatch.amazonaws.com' };
  expect(key.properties.KeyPolicy.Statement).toContainEqual(
    expect.objectContaining({ Effect: 'Allow', Principal: cloudWatch }),
  );
  const statements: Properties[] = stack.one('AWS::SNS::TopicPolicy').properties.PolicyDocument.Statement;
  expect(statements).toContainEqual(expect.objectContaining({ Effect: 'Allow', Principal: cloudWatch }));
  expect(statements).toContainEqual(
    expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
  );
  expect(stack.one('AWS::SNS::Subscription').properties).toMatchObject({
    Protocol: 'email',
    Endpoint: 'oncall@example.com',
  });
});

test('the dashboard shows every metric that functions write, and no other of ours', () => {
  const written: Record<MetricName, true> = {
    SyncPublished: true,
    SyncHeldBack: true,
    SyncNeedsAttention: true,
    SyncRetrying: true,
    SyncUnexpected: true,
    UserRowsWritten: true,
    MalformedMessages: true,
    ConnectionsDispatched: true,
    ConnectionsUnsent: true,
    DispatchLagSeconds: true,
  };
  const [, parts] = stack.one('AWS::CloudWatch::Dashboard').properties.DashboardBody['Fn::Join'];
  const texts = parts.filter((part: unknown) => typeof part === 'string').join('');
  const shown = [...texts.matchAll(/"MetabaseSync","(\w+)"/g)].map(([, name]) => name);
  expect(new Set(shown)).toEqual(new Set([...Object.keys(written), 'HttpServerErrors']));
});
