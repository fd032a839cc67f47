import type { Change } from '#shared/domain/change.ts';
import type { Connection, ConnectionKey, Credential, SyncMessage } from '#shared/domain/connection.ts';
import type { Header, States } from '#shared/domain/snapshot.ts';
import type { Entity, EntityId, Row } from '#shared/domain/versioned-row.ts';
import type { ResyncEntry } from '#shared/use-cases/ports.ts';

export interface StoredConnection {
  connection: Connection;
  /** Kept out of sight; only its lease token and versions still mean something. */
  forgotten: boolean;
}

/** What the snapshots table holds about one connection. */
export interface Partition {
  readonly rows: { readonly [E in Entity]: Map<EntityId, Row<States[E]>> };
  readonly changes: Map<string, Change & { readonly version: number }>;
  readonly headers: Map<number, { readonly header: Header; readonly expiresAt: Date }>;
}

/** Everything that the in-memory ports keep, open for tests to look at and to spoil. */
export interface MemoryState {
  readonly connections: Map<string, StoredConnection>;
  readonly partitions: Map<string, Partition>;
  readonly secrets: Map<string, { credential: Credential; deleted: boolean; writes: number }>;
  readonly messages: SyncMessage[];
  readonly resyncs: ResyncEntry[];
}

export function createMemoryState(): MemoryState {
  return {
    connections: new Map(),
    partitions: new Map(),
    secrets: new Map(),
    messages: [],
    resyncs: [],
  };
}

export function textKey({ tenantId, connectionId }: ConnectionKey): string {
  return `${tenantId} ${connectionId}`;
}

export function partitionOf({ partitions }: MemoryState, key: ConnectionKey): Partition {
  const existing = partitions.get(textKey(key));
  if (existing) return existing;
  const partition: Partition = {
    rows: { user: new Map(), group: new Map(), license: new Map() },
    changes: new Map(),
    headers: new Map(),
  };
  partitions.set(textKey(key), partition);
  return partition;
}
