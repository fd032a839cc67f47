import { isDeepStrictEqual } from 'node:util';
import type { Change } from './change.ts';
import { type EntityId, type Row, type RowWrite, type View, visible } from './versioned-row.ts';

/** What has to be written so that the stored rows of one entity show the desired states. */
export interface Diff<S> {
  /** How many were published before. */
  readonly published: number;
  /** Ids that were published and are not desired any more. */
  readonly missing: readonly EntityId[];
  /** Rows that exist and must be written, also to repair what a dying writer left. */
  readonly rewrites: readonly { write: RowWrite<S>; change: Change | null }[];
  /** Ids without any row yet. */
  readonly added: ReadonlySet<EntityId>;
}

/** Reads the stored rows once, as a stream: only rows that differ are kept. */
export async function diffRows<S>(
  stored: AsyncIterable<Row<S>> | Iterable<Row<S>>,
  desired: ReadonlyMap<EntityId, S>,
  view: View,
  version: number,
  changeOf: (before: S | null, after: S | null) => Change,
): Promise<Diff<S>> {
  let published = 0;
  const missing: EntityId[] = [];
  const rewrites: { write: RowWrite<S>; change: Change | null }[] = [];
  const added = new Set(desired.keys());

  for await (const row of stored) {
    added.delete(row.id);
    const current = visible(row, view);
    const state = desired.get(row.id) ?? null;
    if (current.state !== null) published += 1;
    if (current.state !== null && state === null) missing.push(row.id);

    const same = isDeepStrictEqual(current.state, state);
    if (same && current === row) continue;
    rewrites.push({
      write: {
        id: row.id,
        version,
        state,
        previous: { version: current.version, state: current.state },
        seenVersion: row.version,
      },
      change: same ? null : changeOf(current.state, state),
    });
  }
  return { published, missing, rewrites, added };
}

/** Everything to write, lazily: a first snapshot is all additions and would otherwise be held in memory twice. */
export function* writesOf<S>(
  diff: Diff<S>,
  desired: ReadonlyMap<EntityId, S>,
  version: number,
): Generator<RowWrite<S>> {
  for (const { write } of diff.rewrites) yield write;
  for (const id of diff.added) {
    yield { id, version, state: desired.get(id) ?? null, previous: null, seenVersion: null };
  }
}

/** The entries for the change log, lazily for the same reason. */
export function* changesOf<S>(
  diff: Diff<S>,
  desired: ReadonlyMap<EntityId, S>,
  changeOf: (before: S | null, after: S | null) => Change,
): Generator<Change> {
  for (const { change } of diff.rewrites) if (change) yield change;
  for (const id of diff.added) yield changeOf(null, desired.get(id) ?? null);
}
