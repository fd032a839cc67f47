import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { bundleFunction, functionNames } from '../../infra/bundle.ts';
import { functionOf, type Properties, synthesize } from './synthesize.ts';

const outdir = mkdtempSync(join(tmpdir(), 'bundle-'));
const stack = synthesize();
afterAll(() => rmSync(outdir, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

test.each(functionNames)(
  '%s is one file under 600 KB that starts with what the stack tells it',
  async (name) => {
    const { directory, bytes } = bundleFunction(name, outdir);
    const file = join(directory, 'index.mjs');
    expect(bytes).toBe(readFileSync(file).length);
    expect(bytes).toBeLessThan(600_000);

    const { Variables } = functionOf(stack, name).properties.Environment as Properties;
    for (const [key, value] of Object.entries(Variables)) {
      const resolved = typeof value === 'string' ? value : 'https://example.com/resolved';
      vi.stubEnv(key, resolved);
    }
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    const { handler } = await import(pathToFileURL(file).href);
    expect(handler).toBeTypeOf('function');
  },
);

test('the same sources give the same bytes, wherever they are written to', () => {
  const [first, second] = ['one', 'two'].map((place) => bundleFunction('dispatch', join(outdir, place)));
  expect(readFileSync(join(first?.directory ?? '', 'index.mjs'))).toEqual(
    readFileSync(join(second?.directory ?? '', 'index.mjs')),
  );
});

test('a function that does not exist is an error that names it', () => {
  expect(() => bundleFunction('absent', outdir)).toThrow(/absent/);
});
