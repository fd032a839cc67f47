import type { IncomingMessage, ServerResponse } from 'node:http';
import { FunctionError } from './lambda.ts';
import { type LoopbackServer, readBody, sendJson, startLoopbackServer } from './loopback-server.ts';
import { signedBy } from './signed-by.ts';

export interface ControlOptions {
  readonly accessKeyId: string;
  /** Undefined where there is no such function. */
  readonly find: (name: string) => { invoke(event: unknown): Promise<unknown> } | undefined;
}

const invocations = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Lambda's Invoke on the loopback interface, for the unchanged SDK; `GET /` tells that the run is alive. */
export function startControl({ accessKeyId, find }: ControlOptions): Promise<LoopbackServer> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url === '/') return sendJson(response, 200, { pid: process.pid });
    if (signedBy(request) !== accessKeyId) {
      return refuse(response, 403, 'UnrecognizedClientException', 'The security token is invalid.');
    }
    const name = decodeURIComponent(invocations.exec(request.url ?? '')?.[1] ?? '');
    const target = find(name);
    if (request.method !== 'POST' || !target) {
      return refuse(response, 404, 'ResourceNotFoundException', `Function not found: ${name}`);
    }
    const body = await readBody(request);
    const invocation = target.invoke(body === '' ? {} : JSON.parse(body));
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      invocation.catch(() => {});
      return sendJson(response, 202, null);
    }
    try {
      sendJson(response, 200, await invocation);
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      const report = { errorType: error.type, errorMessage: error.message };
      sendJson(response, 200, report, { 'x-amz-function-error': 'Unhandled' });
    }
  }

  return startLoopbackServer(answer);
}

function refuse(response: ServerResponse, statusCode: number, type: string, message: string): void {
  sendJson(response, statusCode, { Type: 'User', Message: message }, { 'x-amzn-errortype': type });
}
