import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startControl } from '../../../infra/local/control.ts';
import { FunctionError } from '../../../infra/local/lambda.ts';
import type { LoopbackServer } from '../../../infra/local/loopback-server.ts';
import { claimDataDir, findRun } from '../../../infra/local/run-file.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'run-'));
const accessKeyId = 'THIS-RUN';
let control: LoopbackServer;
let run: { pid: number; controlUrl: string; accessKeyId: string };

beforeEach(async () => {
  const invoke = async (event: unknown) => {
    if ((event as { fail?: true }).fail) throw new FunctionError('TypeError', 'no luck');
    return { seen: event };
  };
  control = await startControl({ accessKeyId, find: (name) => (name === 'resync' ? { invoke } : undefined) });
  run = { pid: process.pid, controlUrl: control.url, accessKeyId };
});
afterEach(() => control.close());
afterAll(() => rmSync(dataDir, { recursive: true }));

describe('a data folder', () => {
  test('belongs to one run, which others can find, until that run ends', async () => {
    const { release } = await claimDataDir(dataDir, run);
    expect(statSync(join(dataDir, 'run.json')).mode & 0o777).toBe(0o600);
    expect(await findRun(dataDir)).toEqual(run);
    await expect(claimDataDir(dataDir, run)).rejects.toThrow(`process ${process.pid}`);
    release();
    await expect(findRun(dataDir)).rejects.toThrow('No local run');
    (await claimDataDir(dataDir, run)).release();
  });

  test('of a run that was killed is free again', async () => {
    await claimDataDir(dataDir, { ...run, controlUrl: 'http://127.0.0.1:9' });
    await expect(findRun(dataDir)).rejects.toThrow('has ended');
    (await claimDataDir(dataDir, run)).release();
  });

  test('whose mark was left by another program that now has the port is free again', async () => {
    await claimDataDir(dataDir, { ...run, pid: 999_999_999 });
    (await claimDataDir(dataDir, run)).release();
  });

  test('with a mark that nobody can read is free again', async () => {
    writeFileSync(join(dataDir, 'run.json'), '{"pid":');
    (await claimDataDir(dataDir, run)).release();
  });
});

describe('the control endpoint', () => {
  function invoke(FunctionName: string, event: object, key = accessKeyId) {
    const credentials = { accessKeyId: key, secretAccessKey: 'x' };
    const client = new LambdaClient({
      endpoint: control.url,
      region: 'us-east-1',
      credentials,
      maxAttempts: 1,
    });
    return client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
  }

  test('invokes a function through the unchanged Lambda client', async () => {
    const { Payload, FunctionError: failed } = await invoke('resync', { tenantId: 'acme' });
    expect(JSON.parse(Payload?.transformToString() ?? '')).toEqual({ seen: { tenantId: 'acme' } });
    expect(failed).toBeUndefined();
  });

  test('reports a function that breaks as Lambda does', async () => {
    const { Payload, FunctionError: failed } = await invoke('resync', { fail: true });
    expect(failed).toBe('Unhandled');
    expect(JSON.parse(Payload?.transformToString() ?? '')).toEqual({
      errorType: 'TypeError',
      errorMessage: 'no luck',
    });
  });

  test('knows no other functions, and nobody without the access key of this run', async () => {
    await expect(invoke('other', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(invoke('resync', {}, 'OTHER')).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });
});
