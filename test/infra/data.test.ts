import { expect, test } from 'vitest';
import { functionOf, type Properties, readable, synthesize } from './synthesize.ts';

const stack = synthesize({ syncConcurrency: 25 });

test('both tables survive a deleted stack and a slip, and can go back in time', () => {
  for (const name of ['Connections', 'Snapshots']) {
    const { properties, attributes } = stack.one('AWS::DynamoDB::Table', `Storage/${name}`);
    expect(properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
    expect(attributes).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  }
});

test('connections are found by tenant, and by when they are due', () => {
  const { properties } = stack.one('AWS::DynamoDB::Table', 'Storage/Connections');
  expect(keysOf(properties, properties.KeySchema)).toEqual(['tenantId S HASH', 'connectionId S RANGE']);
  const [due, ...others] = properties.GlobalSecondaryIndexes;
  expect(others).toEqual([]);
  expect(due).toMatchObject({ IndexName: 'due', Projection: { ProjectionType: 'KEYS_ONLY' } });
  expect(keysOf(properties, due.KeySchema)).toEqual(['dueShard N HASH', 'nextSyncAt S RANGE']);
});

test('everything of a snapshot is found by its connection', () => {
  const { properties } = stack.one('AWS::DynamoDB::Table', 'Storage/Snapshots');
  expect(keysOf(properties, properties.KeySchema)).toEqual(['connectionKey S HASH', 'item S RANGE']);
  expect(properties).not.toHaveProperty('GlobalSecondaryIndexes');
});

test('the key of the secrets rotates, survives the stack, and works through Secrets Manager only', () => {
  const { properties, attributes } = stack.one('AWS::KMS::Key', 'Secrets/Key');
  expect(properties.EnableKeyRotation).toBe(true);
  expect(attributes.DeletionPolicy).toBe('Retain');
  const denied = properties.KeyPolicy.Statement.find(({ Effect }: Properties) => Effect === 'Deny');
  expect(denied).toMatchObject({
    Principal: { AWS: '*' },
    Action: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
  });
  expect(Object.keys(denied.Condition)).toEqual(['StringNotEquals']);
  expect(readable(denied.Condition.StringNotEquals['kms:ViaService'], stack)).toBe(
    'secretsmanager.AWS::Region.amazonaws.com',
  );
});

test('a message stays hidden six times as long as a sync may take', () => {
  const { Timeout } = functionOf(stack, 'sync').properties;
  const { VisibilityTimeout } = stack.one('AWS::SQS::Queue', 'SyncQueue/Queue').properties;
  expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
});

test('a lease lives longer than any sync, and ends before the message comes back', () => {
  const { Timeout, Environment } = functionOf(stack, 'sync').properties;
  const { VisibilityTimeout } = stack.one('AWS::SQS::Queue', 'SyncQueue/Queue').properties;
  const leaseSeconds = Number(Environment.Variables.LEASE_SECONDS);
  expect(leaseSeconds).toBeGreaterThan(Timeout);
  expect(leaseSeconds).toBeLessThan(VisibilityTimeout);
});

test('a message that fails three times is kept for two weeks', () => {
  const deadLetters = stack.one('AWS::SQS::Queue', 'SyncQueue/DeadLetters');
  expect(deadLetters.properties.MessageRetentionPeriod).toBe(14 * 24 * 60 * 60);
  expect(stack.one('AWS::SQS::Queue', 'SyncQueue/Queue').properties.RedrivePolicy).toEqual({
    deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters.id, 'Arn'] },
    maxReceiveCount: 3,
  });
});

test('queues are encrypted and refuse plain http', () => {
  const guarded = stack.all('AWS::SQS::QueuePolicy').map(({ properties }) => {
    expect(properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
    return properties.Queues[0].Ref;
  });
  const queues = stack.all('AWS::SQS::Queue');
  expect(guarded.sort()).toEqual(queues.map(({ id }) => id).sort());
  for (const { properties } of queues) expect(properties.SqsManagedSseEnabled).toBe(true);
});

test('the queue feeds the sync function one message at a time, so many side by side as configured', () => {
  expect(stack.one('AWS::Lambda::EventSourceMapping').properties).toEqual({
    BatchSize: 1,
    EventSourceArn: { 'Fn::GetAtt': [stack.one('AWS::SQS::Queue', 'SyncQueue/Queue').id, 'Arn'] },
    FunctionName: { Ref: functionOf(stack, 'sync').id },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 25 },
  });
});

test('support staff may invoke the resync function and nothing else', () => {
  const { properties, id } = stack.one('AWS::IAM::ManagedPolicy');
  expect(properties.PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: { 'Fn::GetAtt': [functionOf(stack, 'resync').id, 'Arn'] },
    },
  ]);
  expect(stack.outputs.ResyncPolicyArn.Value).toEqual({ Ref: id });
  expect(stack.outputs.ResyncFunctionName.Value).toEqual({ Ref: functionOf(stack, 'resync').id });
});

test('the tables that others read are outputs', () => {
  expect(stack.outputs.ConnectionsTableName.Value).toEqual({
    Ref: stack.one('AWS::DynamoDB::Table', 'Connections').id,
  });
  expect(stack.outputs.SnapshotsTableName.Value).toEqual({
    Ref: stack.one('AWS::DynamoDB::Table', 'Snapshots').id,
  });
});

function keysOf({ AttributeDefinitions }: Properties, schema: Properties[]): string[] {
  return schema.map(({ AttributeName, KeyType }) => {
    const found = AttributeDefinitions.find((each: Properties) => each.AttributeName === AttributeName);
    return `${AttributeName} ${found.AttributeType} ${KeyType}`;
  });
}
