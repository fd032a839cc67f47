import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import { AlarmTopic } from './constructs/alarm-topic.ts';
import { Alarms } from './constructs/alarms.ts';
import { SyncDashboard } from './constructs/dashboard.ts';
import type { CodeOf } from './constructs/function.ts';
import { Functions } from './constructs/functions.ts';
import { TenantApi } from './constructs/http-api.ts';
import { ResyncPolicy } from './constructs/resync-policy.ts';
import { DispatchSchedule } from './constructs/schedule.ts';
import { Secrets } from './constructs/secrets.ts';
import { Storage } from './constructs/storage.ts';
import { SyncQueue } from './constructs/sync-queue.ts';
import { TenantUserPool } from './constructs/user-pool.ts';

export class MetabaseSyncStack extends Stack {
  constructor(scope: Construct, config: Config, codeOf: CodeOf) {
    super(scope, config.stackName, { description: 'Syncs Metabase users and licenses of many tenants' });

    const storage = new Storage(this, 'Storage');
    const secrets = new Secrets(this, 'Secrets', config.secretPrefix);
    const syncQueue = new SyncQueue(this, 'SyncQueue');
    const functions = new Functions(this, 'Functions', { config, codeOf, storage, secrets, syncQueue });
    new DispatchSchedule(this, 'Schedule', functions.dispatch.lambda);
    const resyncPolicy = new ResyncPolicy(this, 'ResyncPolicy', functions.resync.lambda);

    const { issuer, audience } = config.jwt ?? this.#makeUserPool();
    const tenantApi = new TenantApi(this, 'TenantApi', {
      config,
      authorizer: new HttpJwtAuthorizer('Token', issuer, { jwtAudience: [...audience] }),
      connect: functions.connect.lambda,
      read: functions.read.lambda,
    });

    const service = config.stackName;
    const { topic } = new AlarmTopic(this, 'AlarmTopic', config.alarmEmail);
    new Alarms(this, 'Alarms', { service, topic, functions, syncQueue, accessLogs: tenantApi.accessLogs });
    new SyncDashboard(this, 'Dashboard', { service, functions, syncQueue, api: tenantApi.api });

    this.#output('ApiUrl', tenantApi.url, 'The HTTPS endpoint of the tenants; the routes begin with v1/');
    this.#output(
      'ResyncFunctionName',
      functions.resync.lambda.functionName,
      'For npm run resync -- --function-name',
    );
    this.#output('ResyncPolicyArn', resyncPolicy.policy.managedPolicyArn, 'Attach it to support staff');
    this.#output('ConnectionsTableName', storage.connections.tableName, 'docs/data-model.md');
    this.#output('SnapshotsTableName', storage.snapshots.tableName, 'docs/data-model.md');
    this.#output('AlarmTopicArn', topic.topicArn, 'Subscribe whoever must know');

    if (config.allowPrivateNetwork) {
      Annotations.of(this).addWarningV2(
        'metabase-sync:allowPrivateNetwork',
        'allowPrivateNetwork is true: tenants can make the functions call loopback and private addresses, over plain http too. That is for laptops; leave it out of every deploy that strangers can reach.',
      );
    }
  }

  #makeUserPool(): { issuer: string; audience: string[] } {
    const { pool, client } = new TenantUserPool(this, 'Users');
    this.#output('UserPoolId', pool.userPoolId, 'Make users here, each with the attribute custom:tenant_id');
    this.#output('UserPoolClientId', client.userPoolClientId, 'The audience of the ID tokens');
    this.#output(
      'TokenCommand',
      `aws cognito-idp admin-initiate-auth --user-pool-id ${pool.userPoolId} --client-id ${client.userPoolClientId} --auth-flow ADMIN_USER_PASSWORD_AUTH --query AuthenticationResult.IdToken --output text --auth-parameters USERNAME=<e-mail>,PASSWORD=<password>`,
      'Prints an ID token to call the API with; an access token does not say the tenant',
    );
    return { issuer: pool.userPoolProviderUrl, audience: [client.userPoolClientId] };
  }

  #output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}
