import { createDocumentClient } from '#shared/aws/clients.ts';
import { createLeaseStore } from '#shared/aws/leases.ts';
import { createSnapshotWriter } from '#shared/aws/snapshot-writer.ts';
import type { ConnectionKey, Credential } from '#shared/domain/connection.ts';
import { createMetabase } from '#shared/metabase/metabase.ts';
import { type SyncPorts, type SyncSettings, syncConnection } from '#shared/use-cases/sync-connection.ts';
import { meterDynamoDb } from './meter.ts';
import { peakRssBytes } from './peak-memory.ts';
import { answerWith } from './processes.ts';
import type { DynamoDbUse } from './results.ts';

export interface SyncInput {
  readonly connection: ConnectionKey;
  readonly credential: Credential;
  readonly connectionsTable: string;
  readonly snapshotsTable: string;
  readonly pageSize: number;
  /** How many syncs, one after the other. */
  readonly times: number;
}

export interface MeasuredSync {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly metabaseCalls: number;
  readonly metabaseBytes: number;
  readonly userRowsWritten: number;
  readonly dynamoDb: DynamoDbUse;
}

export interface SyncAnswer {
  readonly syncs: readonly MeasuredSync[];
  readonly peakRssBytes: number;
}

const settings: SyncSettings = { intervalMs: 3_600_000, leaseMs: 360_000, prices: {} };

await answerWith<SyncInput>(async (input): Promise<SyncAnswer> => {
  const client = createDocumentClient();
  const meter = meterDynamoDb(client);
  const ports: SyncPorts = {
    leases: createLeaseStore({ client, tableName: input.connectionsTable }),
    snapshots: createSnapshotWriter({ client, tableName: input.snapshotsTable }),
    metabase: createMetabase({ addressPolicy: 'private', pageSize: input.pageSize }),
    credentials: { get: async () => input.credential, put: async () => {}, delete: async () => {} },
    clock: { now: () => new Date() },
  };

  async function measure(): Promise<MeasuredSync> {
    const startedMs = performance.now();
    const startedCpu = process.cpuUsage();
    const message = {
      ...input.connection,
      trigger: 'schedule',
      requestedAt: new Date().toISOString(),
    } as const;
    const outcome = await syncConnection(ports, settings, message, new AbortController().signal);
    const wallMs = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(startedCpu);
    if (outcome.kind !== 'published')
      throw new Error(`The sync was ${outcome.kind}`, { cause: outcome.failure });
    const { metabaseRequests, metabaseBytes, userRowsWritten } = outcome.header;
    return {
      wallMs,
      cpuMs: (user + system) / 1000,
      metabaseCalls: metabaseRequests,
      metabaseBytes,
      userRowsWritten,
      dynamoDb: meter.take(),
    };
  }

  const syncs: MeasuredSync[] = [];
  for (let i = 0; i < input.times; i += 1) syncs.push(await measure());
  return { syncs, peakRssBytes: peakRssBytes() };
});
