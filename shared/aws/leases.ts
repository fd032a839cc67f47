import type { Connection, ConnectionKey, ConnectionStatus } from '#shared/domain/connection.ts';
import type { ConnectionEffect } from '#shared/domain/errors.ts';
import type { FailureInput, Lease, LeaseStore, PublishInput } from '#shared/use-cases/ports.ts';
import { connectionItemKey, dueAttributes, readConnection } from './connection-item.ts';
import { connectionDisconnected, leaseHeld, leaseLost } from './refusals.ts';
import { type Item, type Table, unchanged, updateItemIf } from './table.ts';

/** The holder before may give its lease back, or another worker may come, between our read and our write. */
const maxTries = 3;

/** Keeps the item small. What older versions left in the rows was repaired by the syncs after them. */
const maxAbandonedVersions = 1_000;

const statusAfter = {
  needs_attention: 'needs_attention',
  backs_off: 'retrying',
  held_back: 'held_back',
} as const satisfies Record<Exclude<ConnectionEffect, 'unchanged'>, ConnectionStatus>;

export function createLeaseStore(table: Table): LeaseStore {
  return {
    acquire: (key, now, leaseMs) => acquire(table, key, now, leaseMs),
    publish: (lease, input) => publish(table, lease, input),
    fail: (lease, input) => fail(table, lease, input),
  };
}

async function acquire(table: Table, key: ConnectionKey, now: Date, leaseMs: number): Promise<Lease> {
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await readConnection(table, key);
    const { leaseToken, leaseExpiresAt } = seen;
    if (seen.status === 'disconnected') throw connectionDisconnected();
    if (leaseExpiresAt !== null && Date.parse(leaseExpiresAt) > now.getTime()) {
      throw leaseHeld(leaseExpiresAt, now);
    }
    const token = leaseToken + 1;
    const abandonedVersions = withPending(seen);
    const taken = await updateItemIf(table, {
      key: connectionItemKey(key),
      set: {
        leaseToken: token,
        leaseExpiresAt: new Date(now.getTime() + leaseMs).toISOString(),
        pendingVersion: token,
        abandonedVersions,
        lastAttemptAt: now.toISOString(),
      },
      // The expired lease, too: a holder that publishes just now must not find its version abandoned afterwards.
      ...unchanged({ leaseToken, leaseExpiresAt }),
    });
    if (taken) return { ...connectionItemKey(key), token, connection: { ...seen, abandonedVersions } };
  }
  throw leaseHeld(null, now);
}

/** A version that is still pending when the lease is free was left by a writer that died or was fenced off. */
function withPending({ abandonedVersions, pendingVersion }: Connection): number[] {
  if (pendingVersion === null) return abandonedVersions;
  return [...abandonedVersions, pendingVersion].slice(-maxAbandonedVersions);
}

async function publish(table: Table, lease: Lease, input: PublishInput): Promise<void> {
  const published = await updateItemIf(table, {
    key: connectionItemKey(lease),
    set: {
      publishedVersion: lease.token,
      pendingVersion: null,
      leaseExpiresAt: null,
      status: 'active',
      reason: null,
      failuresInRow: 0,
      heldBack: null,
      summary: input.summary,
      metabaseVersion: input.metabaseVersion,
      instanceId: input.instanceId,
      lastSyncAt: input.now.toISOString(),
      ...dueAttributes(lease, input.nextSyncAt),
    },
    // Already published: the SDK sent the request again because the first answer was lost.
    condition: '#leaseToken = :token AND (attribute_exists(#leaseExpiresAt) OR #publishedVersion = :token)',
    values: { ':token': lease.token },
  });
  if (!published) throw leaseLost();
}

async function fail(table: Table, lease: Lease, input: FailureInput): Promise<void> {
  const release: Item = { leaseExpiresAt: null, ...(input.wroteRows ? {} : { pendingVersion: null }) };
  const effect = input.failure.outcome.connection;
  const { credentialUpdatedAt } = lease.connection;

  // When the tenant connected anew meanwhile, the failure says nothing about the new key.
  const recorded =
    effect !== 'unchanged' &&
    (await updateItemIf(table, {
      key: connectionItemKey(lease),
      set: { ...release, ...failureAttributes(lease, input, statusAfter[effect]) },
      add: { failuresInRow: 1 },
      condition: `${holdsLease} AND #credentialUpdatedAt = :credentialUpdatedAt`,
      values: { ':token': lease.token, ':credentialUpdatedAt': credentialUpdatedAt },
    }));
  if (recorded) return;
  const released = await updateItemIf(table, {
    key: connectionItemKey(lease),
    set: release,
    condition: holdsLease,
    values: { ':token': lease.token },
  });
  if (!released) throw leaseLost();
}

const holdsLease = '#leaseToken = :token AND attribute_exists(#leaseExpiresAt)';

function failureAttributes(lease: Lease, input: FailureInput, status: ConnectionStatus): Item {
  const { code, message } = input.failure;
  const { reason } = lease.connection;
  return {
    status,
    reason: { code, message, since: reason?.code === code ? reason.since : input.now.toISOString() },
    ...(input.heldBack === null ? {} : { heldBack: input.heldBack }),
    ...dueAttributes(lease, input.nextSyncAt),
  };
}
