import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { buildHttpEvent, readHttpResult } from './http-event.ts';
import { type LoopbackServer, readBody, sendJson, startLoopbackServer } from './loopback-server.ts';
import { matchRoute, type Route } from './routes.ts';

export interface HttpRouteTarget {
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Null: the route is open to everybody. */
  readonly authorizer: JwtAuthorizer | null;
}

export interface JwtAuthorizer {
  readonly issuer: string;
  readonly audience: readonly string[];
}

export interface HttpApiOptions {
  readonly routes: readonly Route<HttpRouteTarget>[];
  readonly keys: JWTVerifyGetKey;
  readonly port?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/** API Gateway ends a request after 30 s. */
const defaultTimeoutMs = 30_000;

/** The front door: an HTTP API with JWT authorizers, on the loopback interface. */
export function startHttpApi(options: HttpApiOptions): Promise<LoopbackServer> {
  const { routes, keys, timeoutMs = defaultTimeoutMs } = options;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://local');
    const match = matchRoute(routes, request.method ?? '', url.pathname);
    if (!match) return sendJson(response, 404, { message: 'Not Found' });
    const { routeKey, target } = match.route;
    const claims = target.authorizer ? await authorize(request, target.authorizer, keys) : {};
    if (!claims) {
      return sendJson(response, 401, { message: 'Unauthorized' }, { 'www-authenticate': 'Bearer' });
    }
    const body = await readBody(request);
    const event = buildHttpEvent({
      request,
      url,
      body,
      routeKey,
      pathParameters: match.pathParameters,
      claims,
      requestId: randomUUID(),
      now: new Date(),
    });
    const late = Symbol('late');
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<typeof late>((resolve) => {
      timer = setTimeout(() => resolve(late), timeoutMs);
    });
    try {
      const result = await Promise.race([target.invoke(event), limit]);
      if (result === late) sendJson(response, 503, { message: 'Service Unavailable' });
      else sendResult(response, result);
    } catch {
      sendJson(response, 500, { message: 'Internal Server Error' });
    } finally {
      clearTimeout(timer);
    }
  }

  return startLoopbackServer(answer, options.port);
}

async function authorize(
  { headers }: IncomingMessage,
  { issuer, audience }: JwtAuthorizer,
  keys: JWTVerifyGetKey,
): Promise<Record<string, unknown> | null> {
  const token = (headers.authorization ?? '').replace(/^Bearer\s+/i, '');
  try {
    return (await jwtVerify(token, keys, { issuer, audience: [...audience] })).payload;
  } catch {
    return null;
  }
}

function sendResult(response: ServerResponse, result: unknown): void {
  const {
    statusCode,
    headers = {},
    cookies = [],
    body = '',
    isBase64Encoded = false,
  } = readHttpResult(result);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  if (cookies.length > 0) response.setHeader('set-cookie', [...cookies]);
  response.writeHead(statusCode);
  response.end(isBase64Encoded ? Buffer.from(body, 'base64') : body);
}
