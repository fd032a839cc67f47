import { expect } from 'vitest';
import { Failure } from '#shared/domain/errors.ts';

/** The failure that a promise ends with; anything else fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => expect.fail('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw error;
  return error;
}
