import type { Change } from '#shared/domain/change.ts';
import type { SyncMessage } from '#shared/domain/connection.ts';
import { changesOf, writesOf } from '#shared/domain/diff.ts';
import { type Header, headerExpiry } from '#shared/domain/snapshot.ts';
import type { Entity } from '#shared/domain/versioned-row.ts';
import type { EntityPlan, SnapshotPlan } from './plan-snapshot.ts';
import type { Clock, Lease, SnapshotWriter } from './ports.ts';

interface Circumstances {
  readonly startedAt: Date;
  readonly clock: Clock;
  readonly trigger: SyncMessage['trigger'];
}

/**
 * Writes rows, change log and header of a planned snapshot. Readers see none of it until the connection's published
 * version moves, which is the caller's next and last step.
 */
export async function writeSnapshot(
  snapshots: SnapshotWriter,
  lease: Lease,
  plan: SnapshotPlan,
  { startedAt, clock, trigger }: Circumstances,
  signal: AbortSignal,
): Promise<Header> {
  const write = <E extends Entity>({ entity, diff, desired }: EntityPlan<E>) =>
    snapshots.writeRows(lease, entity, writesOf(diff, desired, lease.token), startedAt, signal);
  const userRowsWritten = await write(plan.users);
  await write(plan.groups);
  await write(plan.license);

  const events = { count: 0 };
  if (lease.connection.publishedVersion !== null) {
    await snapshots.logChanges(lease, lease.token, countEvents(allChanges(plan), events), startedAt, signal);
  }

  const header: Header = {
    version: lease.token,
    takenAt: startedAt.toISOString(),
    trigger,
    metabaseVersion: plan.reading.metabaseVersion,
    ...plan.counts,
    changes: events.count,
    userRowsWritten,
    metabaseRequests: plan.reading.requests,
    metabaseBytes: plan.reading.bytes,
    durationMs: clock.now().getTime() - startedAt.getTime(),
  };
  await snapshots.putHeader(lease, header, headerExpiry(startedAt, lease.connection.lastSyncAt));
  return header;
}

function* allChanges({ users, groups, license }: SnapshotPlan): Generator<Change> {
  yield* changesOf(users.diff, users.desired, users.changeOf);
  yield* changesOf(groups.diff, groups.desired, groups.changeOf);
  yield* changesOf(license.diff, license.desired, license.changeOf);
}

function* countEvents(changes: Iterable<Change>, events: { count: number }): Generator<Change> {
  for (const change of changes) {
    events.count += change.kinds.length;
    yield change;
  }
}
