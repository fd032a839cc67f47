import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openFunctionLog } from '../../../infra/local/function-log.ts';
import { type FunctionDefinition, type LocalFunction, startFunction } from '../../../infra/local/lambda.ts';
import { fixtureFunction, writeFixtureFunctions } from './fixture-functions.ts';

let folder: string;
let started: LocalFunction[] = [];

function start(
  changes: Partial<FunctionDefinition> = {},
  bundle: 'echo' | 'broken' = 'echo',
  logFile?: string,
) {
  const local = startFunction(fixtureFunction(folder, bundle, changes), openFunctionLog(logFile));
  started.push(local);
  return local;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-'));
  writeFixtureFunctions(folder);
});
afterEach(async () => {
  for (const local of started) await local.close();
  started = [];
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a local function', () => {
  test('is loaded once and keeps its modules between invocations', async () => {
    const echo = start();
    expect(await echo.invoke({ n: 1 })).toMatchObject({ event: { n: 1 }, invocations: 1 });
    expect(await echo.invoke({ n: 2 })).toMatchObject({ event: { n: 2 }, invocations: 2 });
  });

  test('sees the variables that it was given and none of this process', async () => {
    process.env.SECRET_OF_THE_DEVELOPER = 'private';
    const echo = start({ environment: { CONNECTIONS_TABLE: 'connections' } });
    const { environment } = (await echo.invoke({})) as { environment: Record<string, string> };
    delete process.env.SECRET_OF_THE_DEVELOPER;
    expect(environment).toMatchObject({ CONNECTIONS_TABLE: 'connections' });
    expect(environment).not.toHaveProperty('SECRET_OF_THE_DEVELOPER');
    expect(environment).not.toHaveProperty('PATH');
  });

  test('is told its name, a request id and how much time is left', async () => {
    const answer = await start({ timeoutMs: 9000 }).invoke({});
    const { functionName, awsRequestId, remainingMs } = answer as Record<string, string | number>;
    expect(functionName).toBe('echo');
    expect(awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(remainingMs).toBeGreaterThan(5000);
    expect(remainingMs).toBeLessThanOrEqual(9000);
  });

  test('reports what its handler throws, and goes on', async () => {
    const echo = start();
    await expect(echo.invoke({ throw: 'no luck' })).rejects.toMatchObject({
      type: 'TypeError',
      message: 'no luck',
    });
    expect(await echo.invoke({ answer: 'fine' })).toBe('fine');
  });

  test('reports why it could not be loaded', async () => {
    await expect(start({}, 'broken').invoke({})).rejects.toMatchObject({
      message: 'The environment is incomplete',
    });
  });

  test('is ended at its time-out, and starts anew for the next invocation', async () => {
    const echo = start({ timeoutMs: 700 });
    await expect(echo.invoke({ hang: true })).rejects.toMatchObject({
      type: 'Sandbox.Timedout',
      message: 'Task timed out after 0.70 seconds',
    });
    expect(await echo.invoke({ answer: 'fine' })).toBe('fine');
  });

  test('may end its own process without taking others along', async () => {
    const echo = start();
    await expect(echo.invoke({ exit: true })).rejects.toMatchObject({ type: 'Runtime.ExitError' });
    expect(await echo.invoke({})).toMatchObject({ invocations: 1 });
  });

  test('handles one invocation at a time in each of its environments; more wait', async () => {
    const echo = start({ maxWorkers: 2 });
    const answers = await Promise.all([1, 2, 3, 4].map((n) => echo.invoke({ n })));
    const counts = (answers as { invocations: number }[]).map(({ invocations }) => invocations);
    expect(counts.filter((count) => count === 1)).toHaveLength(2);
    expect(echo.busy()).toBe(0);
  });

  test('killed in the middle fails what it was doing and starts anew', async () => {
    const echo = start();
    await echo.invoke({});
    const hanging = echo.invoke({ hang: true });
    await echo.kill();
    await expect(hanging).rejects.toMatchObject({ type: 'Runtime.ExitError' });
    expect(await echo.invoke({})).toMatchObject({ invocations: 1 });
  });

  test('writes what it prints as JSON lines into its log', async () => {
    const logFile = join(folder, 'logs', 'echo.log');
    const echo = start({}, 'echo', logFile);
    await echo.invoke({ log: 'plain words' });
    await echo.invoke({ log: '{"level":"WARN","message":"structured"}' });
    await echo.invoke({ throw: 'no luck' }).catch(() => {});
    await echo.close();
    const entries = readFileSync(logFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries).toContainEqual(expect.objectContaining({ level: 'INFO', message: 'plain words' }));
    expect(entries).toContainEqual({ level: 'WARN', message: 'structured' });
    expect(entries).toContainEqual(expect.objectContaining({ level: 'ERROR', message: 'no luck' }));
  });
});
