import middy from '@middy/core';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type ConnectionKey, connectionIdSchema } from '#shared/domain/connection.ts';
import { asFailure, Failure } from '#shared/domain/errors.ts';
import { tenantIdSchema } from '#shared/domain/tenant.ts';
import { type RemainingTime, withDeadline } from './deadline.ts';
import { redact } from './redact.ts';
import type { Telemetry } from './telemetry.ts';

export interface HttpRequest {
  /** From the token, never from what the caller sent. */
  readonly tenantId: string;
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON; undefined where there was no body. */
  readonly body: unknown;
  readonly signal: AbortSignal;
}

interface HttpAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type HttpRoute = (request: HttpRequest) => Promise<HttpAnswer>;
type HttpEvent = APIGatewayProxyEventV2WithJWTAuthorizer;

/** Time to answer with a problem before API Gateway gives up at 30 s. */
const reserveMs = 2_000;

/** Serves routes by their API Gateway route key, such as `GET /v1/connections`; errors become problem documents. */
export function serveHttp(
  routes: Readonly<Record<string, HttpRoute>>,
  { tenantClaim, telemetry }: { readonly tenantClaim: string; readonly telemetry: Telemetry },
) {
  return middy<HttpEvent, APIGatewayProxyStructuredResultV2>()
    .use({
      onError: (request) => {
        const requestId = request.event?.requestContext?.requestId ?? '';
        request.response = toProblem(asFailure(request.error), requestId, telemetry);
      },
    })
    .handler((event, context) =>
      withDeadline(context as RemainingTime, reserveMs, async (signal) => {
        const route = routes[event.routeKey];
        if (!route)
          throw new Failure('not_found', 'There is no such address. See the README for the routes.');
        const answer = await route({
          tenantId: tenantOf(event, tenantClaim),
          path: event.pathParameters ?? {},
          query: event.queryStringParameters ?? {},
          body: parseBody(event),
          signal,
        });
        return respond(answer.status, answer.body, 'application/json', answer.headers);
      }),
    );
}

function tenantOf(event: HttpEvent, claim: string): string {
  const result = tenantIdSchema.safeParse(event.requestContext.authorizer?.jwt?.claims?.[claim]);
  if (result.success) return result.data;
  throw new Failure(
    'tenant_missing',
    `The token's claim ${claim} must name the tenant, with 1 to 128 letters, digits, or any of _ . @ -. Ask whoever issues the tokens.`,
  );
}

/** @throws Failure `not_found` for whatever cannot be a connection of this tenant */
export function connectionKeyOf({ tenantId, path }: HttpRequest): ConnectionKey {
  const result = connectionIdSchema.safeParse(path.connectionId);
  if (result.success) return { tenantId, connectionId: result.data };
  throw new Failure(
    'not_found',
    'There is no such connection. GET /v1/connections lists those of your tenant.',
  );
}

function parseBody(event: HttpEvent): unknown {
  if (!event.body) return undefined;
  const text = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body;
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure('malformed_request', 'The body is not JSON. Send a JSON object.');
  }
}

/** A problem document of RFC 9457: `type` is stable, `detail` holds the cure. */
function toProblem(
  failure: Failure,
  requestId: string,
  telemetry: Telemetry,
): APIGatewayProxyStructuredResultV2 {
  const { code, message, retryAfterSeconds } = failure;
  const { httpStatus: status, title } = failure.outcome;
  if (status === 500) telemetry.error('Request failed', failure, { requestId });
  else telemetry.info('Request refused', { requestId, code, status });
  const problem = {
    type: `urn:metabase-sync:problem:${code.replaceAll('_', '-')}`,
    title,
    status,
    detail: redact(message),
    correlationId: requestId,
  };
  const headers =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) };
  return respond(status, problem, 'application/problem+json', headers);
}

function respond(
  statusCode: number,
  body: unknown,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyStructuredResultV2 {
  if (body === undefined) return { statusCode, headers: { ...headers } };
  return {
    statusCode,
    headers: { 'content-type': contentType, 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
