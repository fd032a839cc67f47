import { Failure } from './errors.ts';

/** What a snapshot consists of, and the type of each part's state. */
export type Entity = 'user' | 'group' | 'license';
/** User and group ids are Metabase's numbers; the license id is a word. */
export type EntityId = number | string;

export interface Versioned<S> {
  readonly version: number;
  /** Null: not there, either no more or not yet. */
  readonly state: S | null;
}

/** A row as stored: the state that its last writer gave it, and the published one before that. */
export interface Row<S> extends Versioned<S> {
  readonly id: EntityId;
  readonly previous: Versioned<S> | null;
}

/** A row to write. `seenVersion` is what the writer read, null for nothing: the write fails if it moved since. */
export interface RowWrite<S> extends Row<S> {
  readonly seenVersion: number | null;
}

/** What decides which rows count; the connection carries both. */
export interface View {
  readonly publishedVersion: number | null;
  readonly abandonedVersions: readonly number[];
}

export const nothing: Versioned<never> = { version: 0, state: null };

/**
 * The rule that every reader of the table follows: a row's own state counts if its version is at or below the
 * published one and was not abandoned by a dying writer; otherwise the state before it does.
 *
 * @throws Failure `snapshot_moved` when the row was written twice since `view` was read: read the view again
 */
export function visible<S>(row: Row<S>, view: View): Versioned<S> {
  if (isPublished(row.version, view)) return row;
  if (row.previous === null || view.publishedVersion === null) return nothing;
  if (!isPublished(row.previous.version, view)) {
    throw new Failure(
      'snapshot_moved',
      'A newer snapshot was published while this one was read. Start again.',
    );
  }
  return row.previous;
}

export function isPublished(version: number, { publishedVersion, abandonedVersions }: View): boolean {
  return publishedVersion !== null && version <= publishedVersion && !abandonedVersions.includes(version);
}
