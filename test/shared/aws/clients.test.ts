import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDocumentClient, createSecretsClient, createSqsClient } from '#shared/aws/clients.ts';

describe('clients without any configuration in the code', () => {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ NextToken: request.headers['x-amz-target'] }));
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['DYNAMODB', () => createDocumentClient().send(new ListTablesCommand({}))],
    ['SQS', () => createSqsClient().send(new ListQueuesCommand({}))],
    ['SECRETS_MANAGER', () => createSecretsClient().send(new ListSecretsCommand({}))],
  ])('reach %s where the environment says', async (service, list) => {
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await list()).$metadata.httpStatusCode).toBe(200);
  });
});
