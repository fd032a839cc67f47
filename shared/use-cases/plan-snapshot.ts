import { type Change, groupChange, licenseChange, userChange } from '#shared/domain/change.ts';
import type { ConnectionSummary } from '#shared/domain/connection.ts';
import { type Diff, diffRows } from '#shared/domain/diff.ts';
import { type License, type PriceList, readLicense, savingsUsd } from '#shared/domain/license.ts';
import { countUsers, type Header, type Reading, type States } from '#shared/domain/snapshot.ts';
import { type Entity, type EntityId, nothing, type Row, visible } from '#shared/domain/versioned-row.ts';
import type { Lease, SnapshotWriter } from './ports.ts';

/** One entity's desired states and what must be written to reach them. */
export interface EntityPlan<E extends Entity> {
  readonly entity: E;
  readonly desired: ReadonlyMap<EntityId, States[E]>;
  readonly diff: Diff<States[E]>;
  readonly changeOf: ChangeOf<States[E]>;
}
type ChangeOf<S> = (before: S | null, after: S | null) => Change;

export interface SnapshotPlan {
  readonly reading: Reading;
  readonly users: EntityPlan<'user'>;
  readonly groups: EntityPlan<'group'>;
  readonly license: EntityPlan<'license'>;
  /** What the header says about people, seats and license; the rest is known only after writing. */
  readonly counts: Pick<Header, 'users' | 'groups' | 'seats' | 'license'>;
}

/** Compares a reading with what is stored. Reads every row once and writes nothing. */
export async function planSnapshot(
  snapshots: SnapshotWriter,
  lease: Lease,
  reading: Reading,
  prices: PriceList,
  now: Date,
): Promise<SnapshotPlan> {
  const { users, activity } = countUsers(reading.users.values(), now);
  const licenseRows: Row<License>[] = await collect(snapshots.rows(lease, 'license'));
  const previous = licenseRows.map((row) => visible(row, lease.connection)).at(0) ?? nothing;
  const license = readLicense(reading.licenseFacts, users.active, previous.state, prices);

  const plan = async <E extends Entity>(
    entity: E,
    stored: AsyncIterable<Row<States[E]>> | Iterable<Row<States[E]>>,
    desired: ReadonlyMap<EntityId, States[E]>,
    changeOf: ChangeOf<States[E]>,
  ): Promise<EntityPlan<E>> => ({
    entity,
    desired,
    diff: await diffRows(stored, desired, lease.connection, lease.token, changeOf),
    changeOf,
  });

  return {
    reading,
    users: await plan('user', snapshots.rows(lease, 'user'), reading.users, userChange),
    groups: await plan('group', snapshots.rows(lease, 'group'), reading.groups, groupChange),
    license: await plan('license', licenseRows, new Map([[license.licenseId, license]]), licenseChange),
    counts: {
      users,
      groups: reading.groups.size,
      seats: { ...license.seats, ...activity },
      license: {
        plan: license.plan,
        edition: license.edition,
        tokenStatus: license.tokenStatus,
        countAgrees: license.countAgrees,
        monthlyPriceUsd: license.monthlyPriceUsd,
        reclaimableUsd: reclaimableUsd(license, activity.noLogin90Days, prices),
      },
    },
  };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

function reclaimableUsd(license: License, unusedSeats: number, prices: PriceList): number | null {
  const price = license.plan === null ? undefined : prices[license.plan];
  return price ? savingsUsd(price, license.seats.used, unusedSeats) : null;
}

export function summaryOf({ users, seats, license }: Header): ConnectionSummary {
  return {
    users: users.total,
    activeUsers: users.active,
    plan: license.plan,
    edition: license.edition,
    seatsUsed: seats.used,
    seatLimit: seats.limit,
  };
}
