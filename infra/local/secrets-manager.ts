import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { readBody, sendJson, startLoopbackServer } from './loopback-server.ts';
import { operateSecrets, type Secrets, SecretsError, secretsSchema } from './secrets.ts';
import { signedBy } from './signed-by.ts';

export interface SecretsManagerOptions {
  /** Where the secrets are kept, readable by the owner only; in memory when it is missing. */
  readonly dataFile?: string | undefined;
  readonly port?: number | undefined;
  /** When given, requests signed with another access key id are refused: other programs here may not read keys. */
  readonly accessKeyId?: string | undefined;
  readonly now?: (() => Date) | undefined;
}

const target = /^secretsmanager\.(\w+)$/;
const contentType = 'application/x-amz-json-1.1';

/** Secrets Manager's JSON 1.1 protocol on the loopback interface, as far as this project uses it. */
export async function startSecretsManager(
  options: SecretsManagerOptions = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const { dataFile, accessKeyId, now = () => new Date() } = options;
  const secrets: Secrets = secretsSchema.parse((dataFile && readJsonFile(dataFile)) || {});

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    try {
      const operation = operationOf(request, accessKeyId);
      const result = operateSecrets(secrets, operation, JSON.parse(body), now());
      if (dataFile && !operation.startsWith('Get') && !operation.startsWith('Describe')) {
        writeJsonFile(dataFile, secrets);
      }
      sendJson(response, 200, result, { 'content-type': contentType });
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      const problem = { __type: error.type, message: error.message };
      sendJson(response, 400, problem, { 'content-type': contentType, 'x-amzn-errortype': error.type });
    }
  }

  const { url, close } = await startLoopbackServer(answer, options.port);
  return { url, close };
}

function operationOf(request: IncomingMessage, accessKeyId: string | undefined): string {
  const { method, headers } = request;
  const operation = target.exec(String(headers['x-amz-target'] ?? ''))?.[1];
  // The content type keeps web pages out: a browser may not send it to another origin unasked.
  if (method !== 'POST' || !operation || headers['content-type'] !== contentType) {
    throw new SecretsError('UnknownOperationException', 'This is no request of Secrets Manager.');
  }
  const signer = signedBy(request);
  if (signer === null || (accessKeyId !== undefined && signer !== accessKeyId)) {
    throw new SecretsError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  return operation;
}
