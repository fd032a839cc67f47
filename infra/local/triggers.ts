import type { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { type EventSource, startEventSource } from './event-source.ts';
import type { HttpRouteTarget, JwtAuthorizer } from './http-api.ts';
import type { LocalFunction } from './lambda.ts';
import type { Route } from './routes.ts';
import type { Resolver } from './template.ts';

type FindFunction = (arnOrName: string) => LocalFunction;

const integrationSchema = z.object({ IntegrationUri: z.string() });
const authorizerSchema = z.object({
  JwtConfiguration: z.object({ Issuer: z.string(), Audience: z.array(z.string()) }),
});
const routeSchema = z.object({
  RouteKey: z.string(),
  Target: z.string(),
  AuthorizationType: z.enum(['JWT', 'NONE']).default('NONE'),
  AuthorizerId: z.string().optional(),
});

/** The routes of the HTTP API, each with the function behind its integration and the authorizer in front of it. */
export function readRoutes(resolver: Resolver, find: FindFunction): Route<HttpRouteTarget>[] {
  const integrations = new Map(
    resolver.resourcesOf('AWS::ApiGatewayV2::Integration').map(({ logicalId, properties }) => {
      const { IntegrationUri } = integrationSchema.parse(properties);
      return [`integrations/${logicalId}`, find(IntegrationUri)];
    }),
  );
  const authorizers = new Map<string, JwtAuthorizer>(
    resolver.resourcesOf('AWS::ApiGatewayV2::Authorizer').map(({ logicalId, properties }) => {
      const { Issuer, Audience } = authorizerSchema.parse(properties).JwtConfiguration;
      return [logicalId, { issuer: Issuer, audience: Audience }];
    }),
  );
  return resolver.resourcesOf('AWS::ApiGatewayV2::Route').map(({ properties }) => {
    const { RouteKey, Target, AuthorizationType, AuthorizerId = '' } = routeSchema.parse(properties);
    const target = integrations.get(Target);
    const authorizer = AuthorizationType === 'JWT' ? authorizers.get(AuthorizerId) : null;
    if (!target || authorizer === undefined) {
      throw new Error(`The route ${RouteKey} refers to an integration or an authorizer that is not there`);
    }
    return { routeKey: RouteKey, target: { invoke: target.invoke, authorizer } };
  });
}

const mappingSchema = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number().default(10),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
});

interface MappingOptions {
  readonly client: SQSClient;
  readonly find: FindFunction;
  readonly queueUrlOf: (queueArn: string) => string;
}

/** Starts every event source mapping, with as many batches at once as the function has environments. */
export function startEventSources(
  resolver: Resolver,
  { client, find, queueUrlOf }: MappingOptions,
): EventSource[] {
  return resolver.resourcesOf('AWS::Lambda::EventSourceMapping').map(({ properties }) => {
    const mapping = mappingSchema.parse(properties);
    const target = find(mapping.FunctionName);
    return startEventSource({
      client,
      queueUrl: queueUrlOf(mapping.EventSourceArn),
      queueArn: mapping.EventSourceArn,
      invoke: target.invoke,
      batchSize: mapping.BatchSize,
      reportsFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      concurrency: Math.min(
        mapping.ScalingConfig?.MaximumConcurrency ?? target.definition.maxWorkers,
        target.definition.maxWorkers,
      ),
    });
  });
}
