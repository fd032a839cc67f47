import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';

const { GET, POST, PUT, DELETE } = HttpMethod;

const writes: [HttpMethod, string][] = [
  [POST, '/v1/connections'],
  [PUT, '/v1/connections/{connectionId}/credential'],
  [POST, '/v1/connections/{connectionId}/sync'],
  [DELETE, '/v1/connections/{connectionId}'],
];
const reads: [HttpMethod, string][] = [
  [GET, '/v1/connections'],
  [GET, '/v1/connections/{connectionId}'],
  [GET, '/v1/connections/{connectionId}/users'],
  [GET, '/v1/connections/{connectionId}/licenses'],
];

/** Neither headers nor bodies: those hold tokens and API keys. */
const accessLogFields = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  routeKey: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatencyMs: '$context.responseLatency',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
  sourceIp: '$context.identity.sourceIp',
};

export interface TenantApiProps {
  readonly config: Config;
  readonly authorizer: IHttpRouteAuthorizer;
  readonly connect: IFunction;
  readonly read: IFunction;
}

/** The HTTPS endpoint of the tenants. Every route needs a token; which tenant it is for, the functions read from it. */
export class TenantApi extends Construct {
  readonly api: HttpApi;
  readonly accessLogs: LogGroup;
  readonly url: string;

  constructor(scope: Construct, id: string, { config, authorizer, connect, read }: TenantApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      apiName: config.stackName,
      description: 'Connects the Metabase instances of tenants and shows what was synced',
      defaultAuthorizer: authorizer,
      createDefaultStage: false,
    });
    this.#route('Connect', connect, writes);
    this.#route('Read', read, reads);

    this.accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      // For all tenants together; a person who connects or looks makes a handful of requests.
      throttle: { rateLimit: 50, burstLimit: 100 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLogs),
        format: AccessLogFormat.custom(JSON.stringify({ ...accessLogFields, service: config.stackName })),
      },
    });
    this.url = stage.url;
  }

  #route(id: string, target: IFunction, routes: [HttpMethod, string][]): void {
    const integration = new HttpLambdaIntegration(id, target);
    for (const [method, path] of routes) this.api.addRoutes({ path, methods: [method], integration });
  }
}
