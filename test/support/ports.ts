import { createConnectionStore } from '#shared/aws/connections.ts';
import { createDueStore } from '#shared/aws/due.ts';
import { createLeaseStore } from '#shared/aws/leases.ts';
import { createSnapshotPurger } from '#shared/aws/snapshot-purger.ts';
import { createSnapshotReader } from '#shared/aws/snapshot-reader.ts';
import { createSnapshotWriter } from '#shared/aws/snapshot-writer.ts';
import type { Table } from '#shared/aws/table.ts';
import type {
  ConnectionStore,
  DueStore,
  LeaseStore,
  SnapshotPurger,
  SnapshotReader,
  SnapshotWriter,
} from '#shared/use-cases/ports.ts';

/** The ports of one storage, whatever it is made of. */
export interface StoragePorts {
  readonly connections: ConnectionStore;
  readonly leases: LeaseStore;
  readonly due: DueStore;
  readonly snapshots: SnapshotWriter & SnapshotReader & SnapshotPurger;
}

/** `duePageSize` is small in tests that want several pages out of a few connections. */
export function createAwsPorts(
  tables: { readonly connections: Table; readonly snapshots: Table },
  duePageSize?: number,
): StoragePorts {
  return {
    connections: createConnectionStore(tables.connections),
    leases: createLeaseStore(tables.connections),
    due: createDueStore(tables.connections, duePageSize === undefined ? {} : { pageSize: duePageSize }),
    snapshots: {
      ...createSnapshotWriter(tables.snapshots),
      ...createSnapshotReader(tables.snapshots),
      ...createSnapshotPurger(tables.snapshots),
    },
  };
}
