import { expect, test } from 'vitest';
import { Failure, type FailureCode, outcomes } from '#shared/domain/errors.ts';
import { BrokenOff } from '#shared/metabase/network-failures.ts';
import { patience, retry } from '#shared/metabase/retry.ts';
import { failureOf } from './support/failure.ts';

/** Fails with these failures one after another, then succeeds. */
function setUp(failures: Failure[], { maxAttempts = 3, random = 1 } = {}) {
  const deadline = new AbortController();
  const delaysMs: number[] = [];
  let attempts = 0;
  const result = (sleep?: () => void) =>
    retry(
      async () => {
        attempts += 1;
        const failure = failures.shift();
        if (failure) throw failure;
        return 'done';
      },
      {
        maxAttempts,
        random: () => random,
        sleep: async (delayMs) => {
          delaysMs.push(delayMs);
          sleep?.();
        },
      },
      deadline.signal,
    );
  return { result, deadline, delaysMs, attempts: () => attempts };
}

const failing = (code: FailureCode, retryAfterSeconds?: number) =>
  new Failure(code, 'It failed.', retryAfterSeconds === undefined ? {} : { retryAfterSeconds });

const temporary: FailureCode[] = [
  'rate_limited',
  'instance_failing',
  'instance_starting',
  'timed_out',
  'connection_failed',
  'name_not_resolved',
];

test.each(temporary)('tries again after %s', async (code) => {
  const { result, attempts } = setUp([failing(code)]);
  await expect(result()).resolves.toBe('done');
  expect(attempts()).toBe(2);
});

test('does not try again what will not change', async () => {
  const others = (Object.keys(outcomes) as FailureCode[]).filter((code) => !temporary.includes(code));
  for (const code of others) {
    const { result, attempts } = setUp([failing(code)]);
    expect((await failureOf(result())).code).toBe(code);
    expect(attempts()).toBe(1);
  }
});

test('tries again when an answer broke off, unlike one that makes no sense', async () => {
  const brokenOff = new Failure('response_invalid', 'It broke off.', { cause: new BrokenOff() });
  await expect(setUp([brokenOff]).result()).resolves.toBe('done');
});

test('gives up after the last attempt, within a second for a dead port', async () => {
  const { result, attempts, delaysMs } = setUp(Array.from({ length: 9 }, () => failing('connection_failed')));
  expect((await failureOf(result())).code).toBe('connection_failed');
  expect(attempts()).toBe(3);
  expect(delaysMs).toEqual([200, 400]);
});

test('spreads its tries between nothing and a doubling limit', async () => {
  const { result, delaysMs } = setUp([failing('timed_out'), failing('timed_out')], { random: 0.25 });
  await result();
  expect(delaysMs).toEqual([50, 100]);
});

test('waits at least as long as the server asked for', async () => {
  const { result, delaysMs } = setUp([failing('rate_limited', 3)], { random: 0.5 });
  await result();
  expect(delaysMs).toEqual([3100]);
});

test('leaves a long wait to the schedule, and tells how long', async () => {
  const { result, attempts } = setUp([failing('rate_limited', 11)]);
  expect(await failureOf(result())).toMatchObject({ retryAfterSeconds: 11 });
  expect(attempts()).toBe(1);
});

test('never tries again once the caller has given up, and says what failed last', async () => {
  const during = setUp([failing('instance_starting')]);
  expect((await failureOf(during.result(() => during.deadline.abort()))).code).toBe('instance_starting');
  expect(during.attempts()).toBe(1);

  const before = setUp([failing('instance_starting')]);
  before.deadline.abort();
  await failureOf(before.result());
  expect(before.delaysMs).toEqual([]);
});

test('waiting ends with the deadline of the caller', async () => {
  await expect(patience.sleep(60_000, AbortSignal.abort())).rejects.toThrow();
  await expect(patience.sleep(0, new AbortController().signal)).resolves.toBeUndefined();
});
