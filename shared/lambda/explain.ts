import type * as z from 'zod';
import { Failure } from '#shared/domain/errors.ts';

/** All problems in one sentence each, by field; values are never repeated. */
export function explain(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}

/** @throws Failure `malformed_request` that names every field at fault */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new Failure('malformed_request', `Correct the request and send it again. ${explain(result.error)}.`);
}
