import type { LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createHttpGet, type HttpOptions } from '#shared/metabase/http.ts';
import { failureOf } from './support/failure.ts';
import { deadPort, json, startServer } from './support/loopback-server.ts';

const key = 'mb_5secretsecretsecret';

function createGet(options: Partial<HttpOptions> = {}) {
  const get = createHttpGet({
    addressPolicy: 'private',
    maxResponseBytes: 100_000,
    requestTimeoutMs: 5_000,
    ...options,
  });
  const meter = { requests: 0, bytes: 0 };
  const request = (url: string, signal = new AbortController().signal) =>
    get({ url: new URL(url), headers: { 'x-api-key': key }, signal, meter });
  return { request, meter };
}

test('reads JSON, packed or not, and counts the bytes that came over the wire', async () => {
  const body = JSON.stringify({ data: 'x'.repeat(50_000) });
  const packed = gzipSync(body);
  await using server = await startServer((request, response) => {
    const wantsGzip = request.headers['accept-encoding'] === 'gzip' && request.url === '/packed';
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(wantsGzip && { 'content-encoding': 'gzip' }),
    });
    response.end(wantsGzip ? packed : body);
  });
  const { request, meter } = createGet();

  const answer = await request(`${server.url}/packed`);
  expect(answer).toMatchObject({ status: 200, json: JSON.parse(body) });
  expect(meter).toEqual({ requests: 1, bytes: packed.length });

  await request(`${server.url}/plain`);
  expect(meter).toEqual({ requests: 2, bytes: packed.length + body.length });
});

test('uses one connection for calls one after another, also after an error page', async () => {
  await using server = await startServer((request, response) => {
    response.writeHead(request.url === '/broken' ? 500 : 200, { 'content-type': 'application/json' });
    response.end('{}');
  });
  const { request } = createGet();
  await request(`${server.url}/one`);
  await request(`${server.url}/broken`);
  await request(`${server.url}/two`);
  expect(server.connections.count).toBe(1);
});

test('keeps no cookies: a session would outrank the key', async () => {
  const cookies: unknown[] = [];
  await using server = await startServer((request, response) => {
    cookies.push(request.headers.cookie);
    json({}, { 'set-cookie': 'metabase.SESSION=someone-else; Path=/' })(request, response);
  });
  const { request } = createGet();
  await request(server.url);
  await request(server.url);
  expect(cookies).toEqual([undefined, undefined]);
});

test('never looks at what is not JSON, nor at the body of an error', async () => {
  await using server = await startServer((request, response) => {
    const isPage = request.url === '/page';
    response.writeHead(isPage ? 200 : 500, { 'content-type': isPage ? 'text/html' : 'application/json' });
    response.end('{"trace": "secret names"}');
  });
  const { request } = createGet();
  expect(await request(`${server.url}/page`)).toMatchObject({ status: 200, json: undefined });
  expect(await request(`${server.url}/error`)).toMatchObject({ status: 500, json: undefined });
});

test('gives a redirect back and does not follow it', async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(301, { location: '/elsewhere' }).end();
  });
  const { request } = createGet();
  expect(await request(`${server.url}/api`)).toMatchObject({ status: 301 });
  expect(server.requests).toEqual(['GET /api']);
});

test('stops reading an error page after 64 KiB', async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(502, { 'content-type': 'text/html' });
    const page = Buffer.alloc(256 * 1024, 'x');
    const more = () => response.write(page, () => !response.destroyed && more());
    more();
  });
  const { request, meter } = createGet();
  expect(await request(server.url)).toMatchObject({ status: 502 });
  expect(meter.bytes).toBeLessThan(256 * 1024);
});

test('says the status although the page that came with it breaks off', async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(503, { 'content-length': '100' }).write('half', () => response.destroy());
  });
  expect(await createGet().request(server.url)).toMatchObject({ status: 503 });
});

const unreadable: [string, RegExp, (send: (headers: object, body: Buffer, cut?: boolean) => void) => void][] =
  [
    ['is larger than allowed', /is larger than 0\.0\d+ MiB/, (send) => send({}, Buffer.alloc(200_000, ' '))],
    [
      'unpacks to more than allowed (a gzip bomb)',
      /is larger than 0\.0\d+ MiB/,
      (send) => send({ 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(50_000_000, ' '))),
    ],
    [
      'is cut in the middle of the packing',
      /cannot be unpacked/,
      (send) => send({ 'content-encoding': 'gzip' }, gzipSync('{"data":[1,2,3]}').subarray(0, 20)),
    ],
    [
      'is not packed although it says so',
      /cannot be unpacked/,
      (send) => send({ 'content-encoding': 'gzip' }, Buffer.from('{}')),
    ],
    [
      'is packed in another way',
      /not asked for/,
      (send) => send({ 'content-encoding': 'br' }, Buffer.from('{}')),
    ],
    [
      'ends too early without a sign',
      /is not complete JSON/,
      (send) => send({}, Buffer.from('{"data":[{"id":1')),
    ],
    ['is no JSON', /is not complete JSON/, (send) => send({}, Buffer.from('<html>'))],
    [
      'breaks off',
      /broke off in the middle/,
      (send) => send({ 'content-length': '99' }, Buffer.from('{"a":'), true),
    ],
  ];

test.each(unreadable)('refuses an answer that %s', async (_what, sentence, answer) => {
  await using server = await startServer((_request, response) => {
    answer((headers, body, cut) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      if (cut) response.write(body, () => response.destroy());
      else response.end(body);
    });
  });
  const failure = await failureOf(createGet().request(`${server.url}/api/user`));
  expect(failure.code).toBe('response_invalid');
  expect(failure.message).toMatch(sentence);
  expect(failure.message).toMatch(/The answer of 127\.0\.0\.1:\d+ to \/api\/user /);
});

test.each(['before the first byte', 'in the middle'])(
  'gives up on a server that falls silent %s',
  async (when) => {
    await using server = await startServer((_request, response) => {
      if (when === 'in the middle')
        response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    const failure = await failureOf(createGet({ requestTimeoutMs: 60 }).request(server.url));
    expect(failure.code).toBe('timed_out');
    expect(failure.message).toMatch(/did not answer within 0\.06 seconds/);
  },
);

test('ends at once when the caller gives up, for the reason that the caller gave', async () => {
  const deadline = new AbortController();
  await using server = await startServer(() => deadline.abort(new Error('out of time')));
  const { request, meter } = createGet();
  const failure = await failureOf(request(server.url, deadline.signal));
  expect(failure).toMatchObject({ code: 'timed_out', cause: deadline.signal.reason });

  await failureOf(request(server.url, deadline.signal));
  expect(meter.requests).toBe(1);
});

test('names a dead port', async () => {
  const port = await deadPort();
  const failure = await failureOf(createGet().request(`http://127.0.0.1:${port}`));
  expect(failure.code).toBe('connection_failed');
  expect(failure.message).toMatch(/refused the connection \(ECONNREFUSED\).*firewall/);
});

test('names a host that cannot be found', async () => {
  const lookup: LookupFunction = (name, _options, callback) =>
    callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), []);
  const failure = await failureOf(createGet({ lookup }).request('https://metabse.example.com'));
  expect(failure.code).toBe('name_not_resolved');
  expect(failure.message).toMatch(/metabse\.example\.com cannot be found\. Check its spelling/);
});

test('names a server that does not speak HTTP', async () => {
  const { createServer } = await import('node:net');
  const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const failure = await failureOf(createGet().request(`http://127.0.0.1:${port}`));
  server.close();
  expect(failure.code).toBe('response_invalid');
  expect(failure.message).toMatch(/does not answer in HTTP/);
});

test('checks what a name resolves to when it connects, so that a name cannot change its mind before', async () => {
  await using server = await startServer(json({}));
  const lookup: LookupFunction = (_name, options, callback) => {
    if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  };
  const url = `https://rebound.example.com:${server.port}`;
  const refused = await failureOf(createGet({ addressPolicy: 'public', lookup }).request(url));
  expect(refused.code).toBe('address_not_allowed');
  expect(server.connections.count).toBe(0);

  // The same name does connect where private networks are allowed (and finds no TLS there).
  const allowed = await failureOf(createGet({ addressPolicy: 'private', lookup }).request(url));
  expect(allowed.code).toBe('tls_failed');
  expect(server.connections.count).toBe(1);
});

test('sends nothing to a literal private address, which no look-up ever sees', async () => {
  await using server = await startServer(json({}));
  const { request, meter } = createGet({ addressPolicy: 'public' });
  const failure = await failureOf(request(server.url.replace('http:', 'https:')));
  expect(failure.code).toBe('address_not_allowed');
  expect(server.connections.count).toBe(0);
  expect(meter.requests).toBe(0);
});
