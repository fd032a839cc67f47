import type { HeldBack } from '#shared/domain/brake.ts';
import type { Change } from '#shared/domain/change.ts';
import type {
  Connection,
  ConnectionKey,
  ConnectionSummary,
  Credential,
  SyncMessage,
} from '#shared/domain/connection.ts';
import type { Failure } from '#shared/domain/errors.ts';
import type { Group } from '#shared/domain/group.ts';
import type { License } from '#shared/domain/license.ts';
import type { Header, InstanceFacts, Reading, States } from '#shared/domain/snapshot.ts';
import type { User, UserRole, UserStatus } from '#shared/domain/user.ts';
import type { Entity, Row, RowWrite, View } from '#shared/domain/versioned-row.ts';

export interface Clock {
  now(): Date;
}

/** A Metabase instance, reached over HTTP. */
export interface Metabase {
  /**
   * Proves that the key has administrator rights.
   *
   * @throws Failure any of those with the effect `needs_attention` or `backs_off`
   */
  prove(credential: Credential, signal: AbortSignal): Promise<InstanceFacts>;
  /** Reads everything a snapshot needs. Throws as `prove` does, and `list_inconsistent`. */
  read(credential: Credential, signal: AbortSignal): Promise<Reading>;
}

export interface CredentialStore {
  /** @throws Failure `credentials_missing` */
  get(key: ConnectionKey): Promise<Credential>;
  /** Creates, replaces or restores; writes nothing when the value is the same. */
  put(key: ConnectionKey, credential: Credential): Promise<void>;
  /** Deleting what is not there is fine. */
  delete(key: ConnectionKey): Promise<void>;
}

export interface SyncQueue {
  /** Gives back the messages that could not be sent. */
  send(messages: readonly SyncMessage[]): Promise<SyncMessage[]>;
}

/** What connecting stores. The fields of earlier syncs, if there were any, stay. */
export interface ConnectInput extends ConnectionKey, InstanceFacts {
  readonly instanceUrl: string;
  /** Null keeps the name that is stored. */
  readonly name: string | null;
  readonly now: Date;
  readonly nextSyncAt: Date;
}

export interface Lease extends ConnectionKey {
  /** Also the version that the holder writes. */
  readonly token: number;
  /** As it was when the lease was taken, the abandoned versions of the last holder included. */
  readonly connection: Connection;
}

export interface PublishInput extends InstanceFacts {
  readonly summary: ConnectionSummary;
  readonly now: Date;
  readonly nextSyncAt: Date;
}

export interface FailureInput {
  readonly failure: Failure;
  readonly now: Date;
  readonly nextSyncAt: Date;
  /** Kept until it repeats or is confirmed; null for every other failure. */
  readonly heldBack: HeldBack | null;
  /** Rows may have been written: the version is then never used again. */
  readonly wroteRows: boolean;
}

export interface DueConnection extends ConnectionKey {
  readonly nextSyncAt: string;
}

export interface ConnectionReader {
  /** @throws Failure `not_found`, also for a connection of another tenant */
  get(key: ConnectionKey): Promise<Connection>;
  list(tenantId: string): Promise<Connection[]>;
}

export interface ConnectionStore extends ConnectionReader {
  /** Creates the connection or revives it: status `pending` until the next sync, `created` when it was not there. */
  connect(input: ConnectInput): Promise<{ connection: Connection; created: boolean }>;
  /** Stops the schedule and takes the lease away, so that a running sync cannot publish. */
  disconnect(key: ConnectionKey, now: Date): Promise<void>;
  /** Forgets the connection. Its lease token is kept for a while, so that a late writer stays fenced off. */
  forget(key: ConnectionKey, now: Date): Promise<void>;
  /**
   * Notes that a person asked for a sync now.
   *
   * @throws Failure `not_found`, `disconnected`, `lease_held` while one runs, `too_many_requests` within
   * `minIntervalMs` of the last time
   */
  requestSync(key: ConnectionKey, now: Date, minIntervalMs: number): Promise<Connection>;
}

export interface LeaseStore {
  /**
   * Takes the lease for `leaseMs`. Adds the version of a holder that died to the abandoned ones.
   *
   * @throws Failure `not_found`, `disconnected`, `lease_held`
   */
  acquire(key: ConnectionKey, now: Date, leaseMs: number): Promise<Lease>;
  /** Makes the lease's version the published one and gives the lease back. @throws Failure `lease_lost` */
  publish(lease: Lease, input: PublishInput): Promise<void>;
  /** Records a failure and gives the lease back. @throws Failure `lease_lost` */
  fail(lease: Lease, input: FailureInput): Promise<void>;
}

export interface DueStore {
  /** Connections whose `nextSyncAt` is at or before `now`, the longest waiting first within each shard. */
  due(now: Date): AsyncIterable<DueConnection[]>;
  /** Moves `nextSyncAt` on, unless someone else did since it was read; says whether it did. */
  reschedule(due: DueConnection, nextSyncAt: Date): Promise<boolean>;
}

export interface SnapshotWriter {
  /** All stored rows of one entity, ordered by id, whoever wrote them. */
  rows<E extends Entity>(key: ConnectionKey, entity: E): AsyncIterable<Row<States[E]>>;
  /**
   * Writes rows, each on condition that it is as it was read. Gives the number written.
   *
   * @throws Failure `lease_lost` when another writer was there
   */
  writeRows<E extends Entity>(
    key: ConnectionKey,
    entity: E,
    writes: Iterable<RowWrite<States[E]>>,
    now: Date,
    signal: AbortSignal,
  ): Promise<number>;
  logChanges(
    key: ConnectionKey,
    version: number,
    changes: Iterable<Change>,
    now: Date,
    signal: AbortSignal,
  ): Promise<number>;
  putHeader(key: ConnectionKey, header: Header, expiresAt: Date): Promise<void>;
}

export interface UserQuery {
  readonly status?: UserStatus | undefined;
  readonly role?: UserRole | undefined;
  /** At most this many users; fewer do not mean that there are no more. */
  readonly limit: number;
  /** As the page before gave it. */
  readonly cursor?: string | undefined;
}

/** The published snapshot, by the rule of `visible`. */
export interface SnapshotReader {
  /** @throws Failure `malformed_request` for a cursor that is not one, `snapshot_moved` */
  users(
    key: ConnectionKey,
    view: View,
    query: UserQuery,
  ): Promise<{ users: User[]; cursor: string | null; version: number }>;
  groups(key: ConnectionKey, view: View): Promise<Group[]>;
  licenses(key: ConnectionKey, view: View): Promise<License[]>;
  header(key: ConnectionKey, version: number): Promise<Header | null>;
  /** Published changes after `sinceVersion` up to the view's version, the newest version first. */
  changes(
    key: ConnectionKey,
    view: View,
    sinceVersion: number,
  ): AsyncIterable<Change & { readonly version: number }>;
}

export interface SnapshotPurger {
  /** Deletes everything of a connection. @throws Failure `purge_incomplete` when `signal` ended it: do it again */
  purge(key: ConnectionKey, signal: AbortSignal): Promise<void>;
}

export interface ResyncEntry extends ConnectionKey {
  readonly requestedAt: Date;
  readonly requestedBy: string;
  readonly reason: string;
  readonly confirmShrink: boolean;
}

export interface ResyncLog {
  record(entry: ResyncEntry): Promise<void>;
}
