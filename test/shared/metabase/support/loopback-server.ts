import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Methods and paths in the order in which they came. */
  readonly requests: string[];
  /** Connections that were opened. */
  readonly connections: { count: number };
}

/** A server of a few lines on a free port of the loopback interface; closing it cuts what still hangs. */
export async function startServer(answer: RequestListener, tls?: ServerOptions): Promise<LoopbackServer> {
  const requests: string[] = [];
  const connections = { count: 0 };
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on('connection', () => {
    connections.count += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    connections,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers every path with the same JSON. */
export function json(value: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json;charset=utf-8', ...headers });
    response.end(JSON.stringify(value));
  };
}

/** Answers by path, without the query; what is not listed gets 404 as from Metabase. */
export function routes(table: Record<string, RequestListener>): RequestListener {
  return (request, response) => {
    const route = table[(request.url ?? '').split('?')[0] ?? ''];
    if (route) route(request, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('API endpoint does not exist.');
  };
}

/** A port on which nobody listens. */
export async function deadPort(): Promise<number> {
  const server = await startServer(() => {});
  await server[Symbol.asyncDispose]();
  return server.port;
}
