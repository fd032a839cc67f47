import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

export const functionNames = ['connect', 'read', 'dispatch', 'sync', 'resync'] as const;
export type FunctionName = (typeof functionNames)[number];

const projectRoot = resolve(import.meta.dirname, '..');

/**
 * Bundles `functions/<name>/index.ts` with all it needs into `<outdir>/<name>/index.mjs`; the same sources give the
 * same bytes.
 *
 * @throws Error with esbuild's own list of what is wrong
 */
export function bundleFunction(name: string, outdir: string): { directory: string; bytes: number } {
  const directory = resolve(outdir, name);
  mkdirSync(directory, { recursive: true });
  const { metafile } = buildSync({
    entryPoints: [join(projectRoot, 'functions', name, 'index.ts')],
    outfile: join(directory, 'index.mjs'),
    absWorkingDir: projectRoot,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The CommonJS builds come first otherwise, and of those nothing can be left out.
    mainFields: ['module', 'main'],
    // No source maps: they slow the cold start. Who needs one for a stack trace builds the same commit again.
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  return { directory, bytes };
}
