import middy from '@middy/core';
import { type RemainingTime, withDeadline } from '#shared/lambda/deadline.ts';
import type { Telemetry } from '#shared/lambda/telemetry.ts';
import { dispatchDue } from '#shared/use-cases/dispatch-due.ts';
import type { Clock, DueStore, SyncQueue } from '#shared/use-cases/ports.ts';

interface DispatchDeps {
  readonly due: DueStore;
  readonly queue: SyncQueue;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly intervalMs: number;
}

/** What is still due when time runs out is due at the next tick, too. */
const reserveMs = 5_000;

export function createDispatchHandler(deps: DispatchDeps) {
  const { telemetry } = deps;
  return middy<unknown, void>().handler(async (_tick, context) => {
    try {
      const report = await withDeadline(context as RemainingTime, reserveMs, (signal) =>
        dispatchDue(deps, deps.intervalMs, signal),
      );
      telemetry.count('ConnectionsDispatched', report.dispatched);
      telemetry.count('ConnectionsUnsent', report.unsent);
      telemetry.count('DispatchLagSeconds', report.maxLagSeconds);
      telemetry.info('Dispatched', { ...report });
    } finally {
      telemetry.flush();
    }
  });
}
