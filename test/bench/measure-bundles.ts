import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleFunction, functionNames } from '../../infra/bundle.ts';
import type { BundleResult } from './results.ts';

const runs = 5;

/** Every variable that any function reads; nothing is called while a bundle loads. */
const environment = {
  PATH: process.env.PATH,
  AWS_REGION: 'us-east-1',
  CONNECTIONS_TABLE: 'connections',
  SNAPSHOTS_TABLE: 'snapshots',
  SYNC_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/sync',
  SECRET_PREFIX: 'metabase-sync',
  SECRET_KMS_KEY_ID: '00000000-0000-4000-8000-000000000000',
  TENANT_CLAIM: 'tenant_id',
  SYNC_INTERVAL_MINUTES: '60',
  MANUAL_SYNC_MIN_SECONDS: '60',
  LEASE_SECONDS: '360',
  USER_PAGE_SIZE: '2000',
  PLAN_PRICES: '{}',
  ALLOW_PRIVATE_NETWORK: 'false',
  POWERTOOLS_SERVICE_NAME: 'metabase-sync',
  POWERTOOLS_METRICS_NAMESPACE: 'MetabaseSync',
  LOG_LEVEL: 'INFO',
};

export async function measureBundles(): Promise<BundleResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const emptyMs = medianRunMs('');
    return functionNames.map((name) => {
      const { directory, bytes } = bundleFunction(name, folder);
      const url = pathToFileURL(join(directory, 'index.mjs')).href;
      const loadMs = medianRunMs(
        `const { handler } = await import(${JSON.stringify(url)}); process.exit(typeof handler === 'function' ? 0 : 1)`,
      );
      return { name, bytes, loadMs: loadMs - emptyMs };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function medianRunMs(code: string): number {
  const times = Array.from({ length: runs }, () => runMs(code)).sort((a, b) => a - b);
  return times[Math.floor(runs / 2)] ?? 0;
}

function runMs(code: string): number {
  const startedMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`A bundle did not load: ${stderr}`);
  return performance.now() - startedMs;
}
