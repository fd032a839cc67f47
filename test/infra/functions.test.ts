import { expect, test } from 'vitest';
import { functionOf, functionPaths, type Properties, readable, synthesize } from './synthesize.ts';

const stack = synthesize({ planPrices: '{"pro":{"baseUsd":575,"includedSeats":10,"perSeatUsd":12}}' });

const anySecret = 'arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:metabase-sync/*';
const syncRights = [
  'dynamodb:GetItem on Storage/Connections',
  'dynamodb:UpdateItem on Storage/Connections',
  'dynamodb:BatchWriteItem on Storage/Snapshots',
  'dynamodb:PutItem on Storage/Snapshots',
  'dynamodb:Query on Storage/Snapshots',
  `secretsmanager:GetSecretValue on ${anySecret}`,
  'kms:Decrypt on Secrets/Key via Secrets Manager',
];

test.each([
  [
    'connect',
    [
      'dynamodb:GetItem on Storage/Connections',
      'dynamodb:UpdateItem on Storage/Connections',
      'dynamodb:Query on Storage/Snapshots',
      'dynamodb:BatchWriteItem on Storage/Snapshots',
      `secretsmanager:CreateSecret on ${anySecret}`,
      `secretsmanager:GetSecretValue on ${anySecret}`,
      `secretsmanager:PutSecretValue on ${anySecret}`,
      `secretsmanager:DeleteSecret on ${anySecret}`,
      `secretsmanager:RestoreSecret on ${anySecret}`,
      `secretsmanager:TagResource on ${anySecret}`,
      'kms:Decrypt on Secrets/Key via Secrets Manager',
      'kms:GenerateDataKey on Secrets/Key via Secrets Manager',
      'sqs:SendMessage on SyncQueue/Queue',
    ],
  ],
  [
    'read',
    [
      'dynamodb:GetItem on Storage/Connections',
      'dynamodb:Query on Storage/Connections',
      'dynamodb:GetItem on Storage/Snapshots',
      'dynamodb:Query on Storage/Snapshots',
    ],
  ],
  [
    'dispatch',
    [
      'dynamodb:Query on Storage/Connections/index/due',
      'dynamodb:UpdateItem on Storage/Connections',
      'sqs:SendMessage on SyncQueue/Queue',
    ],
  ],
  [
    'sync',
    [
      ...syncRights,
      'sqs:ReceiveMessage on SyncQueue/Queue',
      'sqs:DeleteMessage on SyncQueue/Queue',
      'sqs:GetQueueAttributes on SyncQueue/Queue',
    ],
  ],
  ['resync', [...syncRights, 'dynamodb:Query on Storage/Connections', 'sqs:SendMessage on SyncQueue/Queue']],
] as const)('%s may do exactly what it needs', (name, expected) => {
  const logs = `${functionPaths[name]}/Logs`;
  expect(rightsOf(name)).toEqual(
    [...expected, `logs:CreateLogStream on ${logs}`, `logs:PutLogEvents on ${logs}`].sort(),
  );
});

test('no role gets rights from a policy of AWS', () => {
  for (const { properties } of stack.all('AWS::IAM::Role'))
    expect(properties).not.toHaveProperty('ManagedPolicyArns');
});

test.each([
  ['connect', 512, 29],
  ['read', 512, 29],
  ['dispatch', 512, 60],
  ['sync', 1_024, 600],
  ['resync', 1_024, 600],
] as const)('%s has %i MB and %i seconds on Node 24 for ARM', (name, memory, timeout) => {
  expect(functionOf(stack, name).properties).toMatchObject({
    MemorySize: memory,
    Timeout: timeout,
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
  });
});

const everywhere = {
  POWERTOOLS_SERVICE_NAME: 'metabase-sync',
  POWERTOOLS_METRICS_NAMESPACE: 'MetabaseSync',
  LOG_LEVEL: 'INFO',
};
const tables = { CONNECTIONS_TABLE: 'Storage/Connections', SNAPSHOTS_TABLE: 'Storage/Snapshots' };
const syncing = {
  ...tables,
  SECRET_PREFIX: 'metabase-sync',
  SYNC_INTERVAL_MINUTES: '60',
  LEASE_SECONDS: '660',
  USER_PAGE_SIZE: '2000',
  PLAN_PRICES: '{"pro":{"baseUsd":575,"includedSeats":10,"perSeatUsd":12}}',
  ALLOW_PRIVATE_NETWORK: 'false',
};

test.each([
  [
    'connect',
    {
      ...tables,
      SYNC_QUEUE_URL: 'SyncQueue/Queue',
      SECRET_PREFIX: 'metabase-sync',
      SECRET_KMS_KEY_ID: 'Secrets/Key',
      TENANT_CLAIM: 'custom:tenant_id',
      SYNC_INTERVAL_MINUTES: '60',
      MANUAL_SYNC_MIN_SECONDS: '60',
      ALLOW_PRIVATE_NETWORK: 'false',
    },
  ],
  ['read', { ...tables, TENANT_CLAIM: 'custom:tenant_id' }],
  [
    'dispatch',
    {
      CONNECTIONS_TABLE: 'Storage/Connections',
      SYNC_QUEUE_URL: 'SyncQueue/Queue',
      SYNC_INTERVAL_MINUTES: '60',
    },
  ],
  ['sync', syncing],
  ['resync', { ...syncing, SYNC_QUEUE_URL: 'SyncQueue/Queue' }],
] as const)('%s is told exactly what it reads from the environment', (name, expected) => {
  const variables = functionOf(stack, name).properties.Environment.Variables as Properties;
  const told = Object.entries(variables).map(([key, value]) => [key, readable(value, stack)]);
  expect(Object.fromEntries(told)).toEqual({ ...everywhere, ...expected });
});

test('no failed tick and no failed resync is repeated behind our back', () => {
  const configs = stack.all('AWS::Lambda::EventInvokeConfig').map(({ properties }) => properties);
  expect(configs).toHaveLength(2);
  for (const name of ['dispatch', 'resync'] as const) {
    expect(configs).toContainEqual({
      FunctionName: { Ref: functionOf(stack, name).id },
      MaximumRetryAttempts: 0,
      Qualifier: '$LATEST',
    });
  }
});

test('every function logs JSON into a group of its own that forgets', () => {
  for (const name of Object.keys(functionPaths) as (keyof typeof functionPaths)[]) {
    const logs = stack.one('AWS::Logs::LogGroup', `${functionPaths[name]}/Logs`);
    expect(logs.properties.RetentionInDays).toBe(30);
    expect(functionOf(stack, name).properties.LoggingConfig).toMatchObject({
      LogFormat: 'JSON',
      LogGroup: { Ref: logs.id },
    });
  }
});

test('Lambda never drops the lines that carry metrics, however quiet the logger is', () => {
  const level = (logLevel: string) => {
    const { LoggingConfig, Environment } = functionOf(synthesize({ logLevel }), 'sync').properties;
    return [LoggingConfig.ApplicationLogLevel, Environment.Variables.LOG_LEVEL];
  };
  expect(level('ERROR')).toEqual(['INFO', 'ERROR']);
  expect(level('DEBUG')).toEqual(['DEBUG', 'DEBUG']);
});

/** Each as `action on resource`, with the only condition that there may be. */
function rightsOf(name: keyof typeof functionPaths): string[] {
  const role = functionOf(stack, name).properties.Role['Fn::GetAtt'][0];
  const policies = stack.all('AWS::IAM::Policy').map(({ properties }) => properties);
  const statements: Properties[] = policies
    .filter(({ Roles }) => Roles.some(({ Ref }: Properties) => Ref === role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  return statements
    .flatMap(({ Action, Resource, Effect, Condition }) => {
      expect(Effect).toBe('Allow');
      const actions: string[] = [Action].flat();
      const resources: unknown[] = [Resource].flat();
      return actions.flatMap((action) =>
        resources.map((resource) => `${action} on ${readable(resource, stack)}${conditionOf(Condition)}`),
      );
    })
    .sort();
}

function conditionOf(condition: Properties | undefined): string {
  if (condition === undefined) return '';
  const service = readable(condition.StringEquals['kms:ViaService'], stack);
  expect(condition).toEqual({ StringEquals: { 'kms:ViaService': expect.anything() } });
  expect(service).toBe('secretsmanager.AWS::Region.amazonaws.com');
  return ' via Secrets Manager';
}
