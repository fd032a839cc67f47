import type { APIGatewayProxyEventV2WithJWTAuthorizer, Context, SQSEvent } from 'aws-lambda';

export function lambdaContext(remainingMs = 300_000): Context {
  return {
    awsRequestId: 'request-1',
    functionName: 'function',
    getRemainingTimeInMillis: () => remainingMs,
  } as Context;
}

interface HttpEventParts {
  readonly tenant?: string;
  readonly body?: unknown;
  readonly query?: Record<string, string>;
}

/** An event as API Gateway sends it for a route key such as `GET /v1/connections/{connectionId}` and a real path. */
export function httpEvent(routeKey: string, path: string, parts: HttpEventParts = {}) {
  const names = [...routeKey.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const pattern = routeKey.replace(/^\w+ /, '').replaceAll(/\{\w+\}/g, '([^/]+)');
  const values = path.match(new RegExp(`^${pattern}$`))?.slice(1) ?? [];
  return {
    routeKey,
    rawPath: path,
    headers: {},
    pathParameters: Object.fromEntries(names.map((name, i) => [name, values[i] ?? ''])),
    ...(parts.query ? { queryStringParameters: parts.query } : {}),
    ...(parts.body === undefined
      ? {}
      : { body: typeof parts.body === 'string' ? parts.body : JSON.stringify(parts.body) }),
    isBase64Encoded: false,
    requestContext: {
      requestId: 'request-1',
      authorizer: { jwt: { claims: parts.tenant === '' ? {} : { tenant_id: parts.tenant ?? 'acme' } } },
    },
  } as unknown as APIGatewayProxyEventV2WithJWTAuthorizer;
}

export function sqsEvent(...bodies: unknown[]): SQSEvent {
  const records = bodies.map((body, i) => ({
    messageId: `message-${i}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }));
  return { Records: records } as SQSEvent;
}
