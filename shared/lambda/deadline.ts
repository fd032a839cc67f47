import { Failure } from '#shared/domain/errors.ts';

/** What a deadline needs of Lambda's context. */
export interface RemainingTime {
  getRemainingTimeInMillis(): number;
}

/**
 * Runs `work` with a signal that aborts `reserveMs` before Lambda would end the function, so that there is time to
 * record the failure and to give the lease back.
 */
export async function withDeadline<T>(
  context: RemainingTime,
  reserveMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const budgetMs = Math.max(0, context.getRemainingTimeInMillis() - reserveMs);
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const seconds = Math.round(budgetMs / 1000);
    controller.abort(
      new Failure('timed_out', `Not finished within ${seconds} seconds. Please try again later.`),
    );
  }, budgetMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
