import { nextSlot } from '#shared/domain/schedule.ts';
import { syncMessage } from './connect-instance.ts';
import type { Clock, DueConnection, DueStore, SyncQueue } from './ports.ts';

interface DispatchPorts {
  readonly due: DueStore;
  readonly queue: SyncQueue;
  readonly clock: Clock;
}

export interface DispatchReport {
  readonly dispatched: number;
  /** Not put onto the queue; still due, so that the next tick tries again. */
  readonly unsent: number;
  /** How long the connection that waited longest was overdue. */
  readonly maxLagSeconds: number;
}

/** Writes side by side: enough to move 100,000 connections within the hour's ticks, few enough for a small function. */
const concurrentWrites = 32;

/**
 * Puts every due connection onto the queue and moves it one interval on. Sent first, moved after: a crash between the
 * two means a second message, which the lease turns into nothing, and never a lost hour.
 */
export async function dispatchDue(
  { due, queue, clock }: DispatchPorts,
  intervalMs: number,
  signal: AbortSignal,
): Promise<DispatchReport> {
  const now = clock.now();
  const report = { dispatched: 0, unsent: 0, maxLagSeconds: 0 };
  for await (const batch of due.due(now)) {
    if (signal.aborted) break;
    const unsent = await queue.send(batch.map((connection) => syncMessage(connection, 'schedule', now)));
    const stillDue = new Set(unsent.map(({ tenantId, connectionId }) => `${tenantId}#${connectionId}`));
    const sent = batch.filter(({ tenantId, connectionId }) => !stillDue.has(`${tenantId}#${connectionId}`));
    await forEach(sent, (connection) =>
      due.reschedule(connection, nextSlot(connection.connectionId, now, intervalMs)),
    );
    report.dispatched += sent.length;
    report.unsent += unsent.length;
    report.maxLagSeconds = Math.max(report.maxLagSeconds, ...sent.map((connection) => lag(connection, now)));
  }
  return report;
}

function lag(connection: DueConnection, now: Date): number {
  return Math.round((now.getTime() - Date.parse(connection.nextSyncAt)) / 1000);
}

async function forEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += concurrentWrites) {
    await Promise.all(items.slice(start, start + concurrentWrites).map(work));
  }
}
