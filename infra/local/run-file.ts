import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { Problem } from './problem.ts';

const runSchema = z.object({
  pid: z.number().int(),
  controlUrl: z.url(),
  /** Signs invocations: only who may read the data folder may invoke functions. */
  accessKeyId: z.string(),
});
export type Run = z.infer<typeof runSchema>;

const fileOf = (dataDir: string) => join(dataDir, 'run.json');

/** Takes the data folder for this run until `release`. @throws Problem while another run uses it */
export async function claimDataDir(dataDir: string, run: Run): Promise<{ release(): void }> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = fileOf(dataDir);
  if (!claim(file, run)) {
    const other = readRun(dataDir);
    if (other && (await isAlive(other))) {
      throw new Problem(
        `Another local run (process ${other.pid}) already uses ${dataDir}. ` +
          'End it with Ctrl-C in its terminal, or give this one a folder of its own with --data-dir.',
      );
    }
    // That run died without cleaning up.
    rmSync(file, { force: true });
    if (!claim(file, run))
      throw new Problem(`Another local run has just begun to use ${dataDir}. Try again.`);
  }
  return { release: () => rmSync(file, { force: true }) };
}

/** The run that uses the data folder. @throws Problem when there is none */
export async function findRun(dataDir: string): Promise<Run> {
  const run = readRun(dataDir);
  if (run && (await isAlive(run))) return run;
  const what = run
    ? `The local run that used ${dataDir} (process ${run.pid}) has ended.`
    : `No local run uses ${dataDir}.`;
  throw new Problem(
    `${what} Start one with npm start and leave it running, name its folder with --data-dir, ` +
      'or name a deployed function with --function-name.',
  );
}

/** Atomic, because linking fails when the name is taken. */
function claim(file: string, run: Run): boolean {
  const draft = `${file}.${process.pid}`;
  writeJsonFile(draft, run);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readRun(dataDir: string): Run | null {
  try {
    return runSchema.parse(readJsonFile(fileOf(dataDir)));
  } catch {
    return null;
  }
}

/** Asks the run itself: the process id alone may meanwhile belong to another program. */
async function isAlive({ controlUrl, pid }: Run): Promise<boolean> {
  try {
    const response = await fetch(controlUrl, { signal: AbortSignal.timeout(3000) });
    const answer = (await response.json()) as { pid?: unknown };
    return answer.pid === pid;
  } catch (error) {
    // A run that is suspended or very busy accepts the connection and answers later.
    return error instanceof DOMException && error.name === 'TimeoutError';
  }
}
