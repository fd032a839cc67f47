import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands in front of an instance and can hold requests back, so that a test decides how long a sync runs. */
export interface Gate extends AsyncDisposable {
  readonly url: string;
  shut(): void;
  /** Resolves once a request waits at the shut gate. */
  knock(): Promise<void>;
  open(): void;
}

export async function startGate(instanceUrl: string): Promise<Gate> {
  let opened = Promise.resolve();
  let open = () => {};
  let knocked = Promise.withResolvers<void>();

  const server = createServer(async (incoming, response) => {
    knocked.resolve();
    await opened;
    const { method, headers } = incoming;
    const forwarded = request(`${instanceUrl}${incoming.url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut() {
      const gate = Promise.withResolvers<void>();
      opened = gate.promise;
      open = gate.resolve;
      knocked = Promise.withResolvers();
    },
    knock: () => knocked.promise,
    open: () => open(),
    async [Symbol.asyncDispose]() {
      open();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
