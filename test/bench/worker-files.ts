import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface WorkerFiles extends AsyncDisposable {
  readonly sync: string;
  readonly download: string;
  readonly dispatch: string;
}

/** Bundled like the functions: what is measured neither strips types nor loads what a function does not have. */
export async function bundleWorkers(): Promise<WorkerFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  await build({
    entryPoints: ['sync', 'download', 'dispatch'].map((name) =>
      join(import.meta.dirname, `${name}-worker.ts`),
    ),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  return {
    sync: join(folder, 'sync-worker.mjs'),
    download: join(folder, 'download-worker.mjs'),
    dispatch: join(folder, 'dispatch-worker.mjs'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
