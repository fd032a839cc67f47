import type { ConnectionKey } from '#shared/domain/connection.ts';
import { type Cloud, connectionsTable, snapshotsTable, startCloud } from './cloud.ts';
import { assumptions } from './cost.ts';
import type { DownloadAnswer, DownloadInput } from './download-worker.ts';
import type { MetabaseQuestion, StartedMetabase } from './metabase-process.ts';
import { lambdaHeapFlags, runWorker, type Server, startServer } from './processes.ts';
import type { Phase, SyncResult, TypicalSyncs } from './results.ts';
import type { MeasuredSync, SyncAnswer, SyncInput } from './sync-worker.ts';
import type { WorkerFiles } from './worker-files.ts';

/** As the stack sets it. */
const pageSize = 2_000;
const shareChanged = 0.02;
const metabaseFile = `${import.meta.dirname}/metabase-process.ts`;

interface Bench {
  readonly users: number;
  readonly cloud: Cloud;
  readonly metabase: Server<StartedMetabase>;
  readonly connection: ConnectionKey;
  readonly files: WorkerFiles;
}

/** The first sync of an instance, one that finds nothing new, and one after 2 % of its people were renamed. */
export async function measureSyncs(users: number, files: WorkerFiles): Promise<SyncResult[]> {
  return withBench(users, files, async (bench) => [
    await measureSync(bench, 'first'),
    await measureSync(bench, 'unchanged'),
    await measureSync(bench, 'changed', await renameSome(bench)),
  ]);
}

/** The syncs that the cost is computed from: many in one process, as in a function that stays warm. */
export async function measureTypicalSyncs(users: number, files: WorkerFiles): Promise<TypicalSyncs> {
  return withBench(users, files, async (bench) => {
    await measureSync(bench, 'first');
    const unchanged = await measureSync(bench, 'unchanged', 0, 9);
    return { unchanged, changed: await measureSync(bench, 'changed', await renameSome(bench)) };
  });
}

async function withBench<T>(
  users: number,
  files: WorkerFiles,
  measure: (bench: Bench) => Promise<T>,
): Promise<T> {
  await using cloud = await startCloud();
  await using metabase = await startServer<StartedMetabase>(metabaseFile, { users });
  const connection = await cloud.connect(metabase.started.url);
  return await measure({ users, cloud, metabase, connection, files });
}

/** Gives the one of median wall time when there are several. */
async function measureSync(
  { users, cloud, metabase, connection, files }: Bench,
  phase: Phase,
  usersChanged = phase === 'first' ? users : 0,
  times = 1,
): Promise<SyncResult> {
  const { url: instanceUrl, apiKey } = metabase.started;
  const input: SyncInput = {
    connection,
    credential: { instanceUrl, apiKey },
    connectionsTable,
    snapshotsTable,
    pageSize,
    times,
  };
  const { syncs, peakRssBytes } = await runWorker<SyncAnswer>(files.sync, input, {
    env: cloud.env,
    flags: lambdaHeapFlags(assumptions.syncMemoryMb),
  });
  const { paths } = await ask<{ paths: string[] }>(metabase, { kind: 'takeRequests' });
  const sync = median(syncs);
  if (paths.length !== sync.metabaseCalls * times) {
    throw new Error(
      `The sync counted ${sync.metabaseCalls} calls, the sample ${paths.length} in ${times} syncs`,
    );
  }
  const samePages: DownloadInput = { instanceUrl, apiKey, paths: paths.slice(0, sync.metabaseCalls) };
  const download = await runWorker<DownloadAnswer>(files.download, samePages);
  await ask(metabase, { kind: 'takeRequests' });
  return {
    users,
    phase,
    usersChanged,
    ...sync,
    downloadMs: download.wallMs,
    userPages: Math.ceil(users / pageSize),
    peakRssBytes,
  };
}

async function renameSome({ metabase }: Bench): Promise<number> {
  const { renamed } = await ask<{ renamed: number }>(metabase, { kind: 'rename', share: shareChanged });
  return renamed;
}

function ask<Answer>(metabase: Server<StartedMetabase>, question: MetabaseQuestion): Promise<Answer> {
  return metabase.ask<Answer>(question);
}

function median(syncs: readonly MeasuredSync[]): MeasuredSync {
  const middle = syncs.toSorted((a, b) => a.wallMs - b.wallMs)[Math.floor(syncs.length / 2)];
  if (!middle) throw new Error('Nothing was measured');
  return middle;
}
