import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Problem } from './problem.ts';

const root = resolve(import.meta.dirname, '../..');
const cacheFolder = join(root, 'node_modules/.cache/metabase-license-sync');
/** What decides how the stack looks and what is in its functions. */
const sources = ['functions', 'shared', 'infra', 'package.json', 'package-lock.json'];
const keptAssemblies = 6;

export type Context = Readonly<Record<string, string | boolean | number>>;

/**
 * The folder of the synthesized app, functions bundled. Bundling takes seconds, so an assembly is kept for as long as
 * neither the sources nor the context change. `onStart` tells that it takes seconds this time.
 *
 * @throws Problem with what the CDK or esbuild says is wrong
 */
export async function synthesize(context: Context, onStart = () => {}): Promise<string> {
  const folder = join(cacheFolder, `assembly-${fingerprint(context)}`);
  if (existsSync(folder)) return folder;
  onStart();
  mkdirSync(cacheFolder, { recursive: true });
  const draft = mkdtempSync(join(cacheFolder, 'draft-'));
  try {
    await runWorker({ outdir: draft, context });
    forgetOldAssemblies();
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another run finished the same assembly first.
    if (existsSync(folder)) return folder;
    throw new Problem(`The stack cannot be synthesized. ${(error as Error).message}`);
  }
  return folder;
}

function runWorker(workerData: { outdir: string; context: Context }): Promise<void> {
  const worker = new Worker(new URL('./synthesize-worker.ts', import.meta.url), {
    workerData,
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`It ended with code ${code}.`)),
    );
  });
}

function fingerprint(context: Context): string {
  const hash = createHash('sha256').update(JSON.stringify([process.version, context]));
  for (const file of sources.flatMap((source) => filesIn(join(root, source)))) {
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

function filesIn(path: string): string[] {
  if (path === import.meta.dirname) return [];
  try {
    return readdirSync(path)
      .sort()
      .flatMap((name) => filesIn(join(path, name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
}

/** Not those of the last day: a run that still uses one may want to load a function again. */
function forgetOldAssemblies(): void {
  const dayAgoMs = Date.now() - 24 * 60 * 60 * 1000;
  const old = readdirSync(cacheFolder)
    .map((name) => join(cacheFolder, name))
    .filter((path) => statSync(path).mtimeMs < dayAgoMs)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of old.slice(keptAssemblies)) rmSync(path, { recursive: true, force: true });
}
