import { type HeldBack, holdBack, isSuspicious } from '#shared/domain/brake.ts';
import type { SyncMessage } from '#shared/domain/connection.ts';
import { asFailure, Failure } from '#shared/domain/errors.ts';
import type { PriceList } from '#shared/domain/license.ts';
import { nextSlot, nextTry, nextTryAfterAttention } from '#shared/domain/schedule.ts';
import type { Header } from '#shared/domain/snapshot.ts';
import { planSnapshot, summaryOf } from './plan-snapshot.ts';
import type { Clock, CredentialStore, Lease, LeaseStore, Metabase, SnapshotWriter } from './ports.ts';
import { writeSnapshot } from './write-snapshot.ts';

export interface SyncPorts {
  readonly leases: LeaseStore;
  readonly credentials: CredentialStore;
  readonly metabase: Metabase;
  readonly snapshots: SnapshotWriter;
  readonly clock: Clock;
}

export interface SyncSettings {
  readonly intervalMs: number;
  /** Longer than a worker can live, so that nobody takes over from one that still writes. */
  readonly leaseMs: number;
  readonly prices: PriceList;
}

export type SyncOutcome =
  | { readonly kind: 'published'; readonly header: Header }
  /** `skipped`: nothing to do here (disconnected, somebody else syncs); the connection is unchanged. */
  | { readonly kind: 'held_back' | 'needs_attention' | 'retrying' | 'skipped'; readonly failure: Failure };

/** One sync of one connection. Failures are recorded on the connection and given back, never thrown. */
export async function syncConnection(
  ports: SyncPorts,
  settings: SyncSettings,
  message: SyncMessage,
  signal: AbortSignal,
): Promise<SyncOutcome> {
  let lease: Lease;
  try {
    lease = await ports.leases.acquire(message, ports.clock.now(), settings.leaseMs);
  } catch (error) {
    return outcomeOf(asFailure(error));
  }

  const progress = { wroteRows: false };
  try {
    return {
      kind: 'published',
      header: await takeSnapshot(ports, settings, message, lease, progress, signal),
    };
  } catch (error) {
    // Once the deadline has passed, whatever broke broke because of it.
    const failure = asFailure(signal.aborted ? signal.reason : error);
    await recordFailure(ports, settings, lease, failure, progress.wroteRows);
    return outcomeOf(failure);
  }
}

async function takeSnapshot(
  { leases, credentials, metabase, snapshots, clock }: SyncPorts,
  { intervalMs, prices }: SyncSettings,
  message: SyncMessage,
  lease: Lease,
  progress: { wroteRows: boolean },
  signal: AbortSignal,
): Promise<Header> {
  const startedAt = clock.now();
  const credential = await credentials.get(lease);
  const reading = await metabase.read(credential, signal);
  const plan = await planSnapshot(snapshots, lease, reading, prices, startedAt);

  const { published, missing } = plan.users.diff;
  if (
    !message.confirmShrink &&
    isSuspicious({ listed: reading.users.size, published, missing: missing.length })
  ) {
    const heldBack = holdBack(missing, lease.connection.heldBack, startedAt, intervalMs);
    if (heldBack) throw new SuspiciousShrink(reading.users.size, published, heldBack);
  }

  progress.wroteRows = true;
  const header = await writeSnapshot(
    snapshots,
    lease,
    plan,
    { startedAt, clock, trigger: message.trigger },
    signal,
  );
  await leases.publish(lease, {
    metabaseVersion: reading.metabaseVersion,
    instanceId: reading.instanceId,
    summary: summaryOf(header),
    now: startedAt,
    nextSyncAt: nextSlot(lease.connectionId, startedAt, intervalMs),
  });
  return header;
}

class SuspiciousShrink extends Failure {
  readonly heldBack: HeldBack;

  constructor(listed: number, published: number, heldBack: HeldBack) {
    const seen =
      published === 0
        ? 'Metabase listed no accounts, although an API key cannot be made without one. Nothing is published'
        : `Metabase listed ${listed} accounts, and ${heldBack.missing} of the ${published} known ones were missing. The last snapshot stays`;
    super(
      'suspicious_shrink',
      `${seen} until the next scheduled sync sees the same, or until support confirms it. If nobody deleted ` +
        'accounts, check whether a proxy or a cache changes the answers of Metabase.',
    );
    this.heldBack = heldBack;
  }
}

async function recordFailure(
  { leases, clock }: SyncPorts,
  { intervalMs }: SyncSettings,
  lease: Lease,
  failure: Failure,
  wroteRows: boolean,
): Promise<void> {
  if (failure.code === 'lease_lost') return;
  const now = clock.now();
  const nextSyncAt = {
    needs_attention: () => nextTryAfterAttention(now),
    held_back: () => nextSlot(lease.connectionId, now, intervalMs),
    backs_off: () => nextTry(now, lease.connection.failuresInRow + 1, failure.retryAfterSeconds),
    unchanged: () => nextSlot(lease.connectionId, now, intervalMs),
  }[failure.outcome.connection]();
  const heldBack = failure instanceof SuspiciousShrink ? failure.heldBack : null;
  try {
    await leases.fail(lease, { failure, now, nextSyncAt, heldBack, wroteRows });
  } catch (error) {
    // The failure itself matters more to the caller than that it could not be recorded; the lease runs out.
    if (asFailure(error).code !== 'lease_lost') throw error;
  }
}

function outcomeOf(failure: Failure): SyncOutcome {
  const kinds = {
    needs_attention: 'needs_attention',
    held_back: 'held_back',
    backs_off: 'retrying',
    unchanged: 'skipped',
  } as const;
  return { kind: kinds[failure.outcome.connection], failure };
}
