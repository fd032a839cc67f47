import { join } from 'node:path';
import { type SampleMetabase, startSampleMetabase } from '#test/metabase/server.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import type { SampleChoice } from './options.ts';

/**
 * Starts the sample Metabase at the port that the same sample had before: its address is what a later run recognizes
 * it by. Another choice of people, version or plan is another instance.
 */
export async function startSample(choice: SampleChoice, dataDir: string): Promise<SampleMetabase> {
  const file = join(dataDir, 'sample.json');
  const ports = (readJsonFile(file) ?? {}) as Record<string, number>;
  const key = `${choice.version} ${choice.plan} ${choice.users}`;
  const sample = await startAt(choice, ports[key] ?? 0);
  writeJsonFile(file, { ...ports, [key]: Number(new URL(sample.url).port) });
  return sample;
}

async function startAt(choice: SampleChoice, port: number): Promise<SampleMetabase> {
  try {
    return await startSampleMetabase({ ...choice, port });
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startSampleMetabase(choice);
  }
}
