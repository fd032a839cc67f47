import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHttpApi } from '../../../infra/local/http-api.ts';
import type { LoopbackServer } from '../../../infra/local/loopback-server.ts';
import { matchRoute } from '../../../infra/local/routes.ts';
import { localAudience, localIssuer, openTokenIssuer } from '../../../infra/local/token-issuer.ts';

const authorizer = { issuer: localIssuer, audience: [localAudience] };
let api: LoopbackServer;
let token: string;
let seen: unknown;

beforeAll(async () => {
  const issuer = await openTokenIssuer();
  token = await issuer.issueToken('acme');
  const route = (routeKey: string, answer: () => unknown) => ({
    routeKey,
    target: {
      authorizer,
      invoke: async (event: unknown) => {
        seen = event;
        return answer();
      },
    },
  });
  api = await startHttpApi({
    keys: issuer.keys,
    timeoutMs: 200,
    routes: [
      route('POST /v1/things', () => ({
        statusCode: 201,
        headers: { location: '/v1/things/1', 'content-type': 'application/json' },
        body: '{"id":1}',
      })),
      route('GET /v1/things/{id}', () => ({ plain: true })),
      route('DELETE /v1/things/{id}', () => ({ statusCode: 204 })),
      route('GET /v1/broken', () => {
        throw new Error('inner words');
      }),
      route('GET /v1/slow', () => new Promise(() => {})),
    ],
  });
});
afterAll(() => api.close());

function send(method: string, path: string, { headers = {}, body }: RequestInit = {}) {
  return fetch(`${api.url}${path}`, {
    method,
    body: body ?? null,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

describe('the local front door', () => {
  test('hands the function the event of payload format 2.0 and answers with its result', async () => {
    const response = await send('POST', '/v1/things?a=1&b=2&a=3', {
      headers: { 'content-type': 'application/json', 'X-Trace': 'Abc' },
      body: '{"name":"x"}',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/v1/things/1');
    expect(await response.json()).toEqual({ id: 1 });
    expect(seen).toMatchObject({
      version: '2.0',
      routeKey: 'POST /v1/things',
      rawPath: '/v1/things',
      rawQueryString: 'a=1&b=2&a=3',
      queryStringParameters: { a: '1,3', b: '2' },
      headers: { 'x-trace': 'Abc' },
      body: '{"name":"x"}',
      isBase64Encoded: false,
      requestContext: {
        http: { method: 'POST', path: '/v1/things', sourceIp: '127.0.0.1' },
        authorizer: { jwt: { claims: { tenant_id: 'acme', iss: localIssuer } } },
      },
    });
  });

  test('names path parameters and sends a bare result as JSON', async () => {
    const response = await send('GET', '/v1/things/a%20b');
    expect(await response.json()).toEqual({ plain: true });
    expect(seen).toMatchObject({ pathParameters: { id: 'a b' }, isBase64Encoded: false });
    expect(seen).not.toHaveProperty('body');
  });

  test('hands over in Base64 what is not declared as text', async () => {
    await send('POST', '/v1/things', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1',
    });
    expect(seen).toMatchObject({ body: Buffer.from('a=1').toString('base64'), isBase64Encoded: true });
  });

  test('gives every claim as text, as API Gateway does', async () => {
    await send('DELETE', '/v1/things/1');
    const { claims } = (seen as { requestContext: { authorizer: { jwt: { claims: object } } } })
      .requestContext.authorizer.jwt;
    expect(Object.values(claims).every((claim) => typeof claim === 'string')).toBe(true);
  });

  test.each([
    ['no token', ''],
    ['no JWT', 'Bearer nonsense'],
    ['a token that somebody else signed', 'Bearer foreign'],
  ])('answers 401 to %s', async (what, given) => {
    const foreign = what.includes('somebody')
      ? `Bearer ${await (await openTokenIssuer()).issueToken('acme')}`
      : given;
    const response = await send('GET', '/v1/things/1', { headers: { authorization: foreign } });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ message: 'Unauthorized' });
  });

  test('answers 401 when the token is for another audience', async () => {
    const issuer = await openTokenIssuer();
    const route = {
      routeKey: 'GET /',
      target: { authorizer: { ...authorizer, audience: ['else'] }, invoke: async () => 1 },
    };
    const other = await startHttpApi({ keys: issuer.keys, routes: [route] });
    const headers = { authorization: `Bearer ${await issuer.issueToken('acme')}` };
    expect((await fetch(other.url, { headers })).status).toBe(401);
    await other.close();
  });

  test.each([
    ['a path without a route', 'GET', '/v2/things', 404, 'Not Found'],
    ['a method without a route', 'PUT', '/v1/things', 404, 'Not Found'],
    ['a function that throws', 'GET', '/v1/broken', 500, 'Internal Server Error'],
    ['a function that takes too long', 'GET', '/v1/slow', 503, 'Service Unavailable'],
  ])('tells of %s without details', async (_, method, path, status, message) => {
    const response = await send(method, path);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ message });
  });
});

describe('routes', () => {
  const routes = [
    '$default',
    'GET /a/{rest+}',
    'ANY /a/{id}',
    'GET /a/{id}',
    'GET /a/b',
    'GET /a/{id}/c',
  ].map((routeKey) => ({ routeKey, target: null }));
  test.each([
    ['GET', '/a/b', 'GET /a/b', {}],
    ['GET', '/a/x', 'GET /a/{id}', { id: 'x' }],
    ['POST', '/a/x', 'ANY /a/{id}', { id: 'x' }],
    ['GET', '/a/x/c', 'GET /a/{id}/c', { id: 'x' }],
    ['GET', '/a/x/y/z', 'GET /a/{rest+}', { rest: 'x/y/z' }],
    ['GET', '/', '$default', {}],
  ])('%s %s goes to the most specific one, %s', (method, path, routeKey, pathParameters) => {
    expect(matchRoute(routes, method, path)).toEqual({ route: { routeKey, target: null }, pathParameters });
  });
});
