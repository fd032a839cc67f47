import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLeaseStore } from '#shared/aws/leases.ts';
import { type SampleMetabase, startSampleMetabase } from '#test/metabase/server.ts';
import { expectedSnapshot } from '#test/metabase/truth.ts';
import { findRun } from '../../infra/local/run-file.ts';
import { startLocalStack } from '../../infra/local/stack.ts';
import { createTenant } from './tenant.ts';

const root = resolve(import.meta.dirname, '../..');

// The first run after a change bundles the functions, and each test starts several processes.
vi.setConfig({ testTimeout: 90_000 });

/** What all runs printed, together. */
let printed = '';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As `npm start -- …` does, with an environment of its own. */
function start(script: 'main' | 'resync', args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [`infra/local/${script}.ts`, ...args], { cwd: root, env });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      printed += text;
    });
  }
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...output })));
  const says = (words: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output.stdout.includes(words) && resolve();
      child.stdout.on('data', look);
      child.on('close', () =>
        reject(new Error(`It ended without saying "${words}": ${JSON.stringify(output)}`)),
      );
      look();
    });
  return { ended, says, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

let dataDir: string;
let sample: SampleMetabase;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'start-'));
  sample = await startSampleMetabase({ users: 40 });
});
afterAll(async () => {
  await sample.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const real = () => ['--url', sample.url, '--allow-private-network', '--data-dir', dataDir];

describe('npm start', () => {
  test('--once --json prints one document with every user, and on the second run what changed', async () => {
    const env = { METABASE_API_KEY: sample.adminKey };
    const first = await start('main', [...real(), '--once', '--json'], env).ended;
    expect(first.code, first.stderr).toBe(0);
    const { seatsUsed, ...expected } = expectedSnapshot(sample.world);
    const document = JSON.parse(first.stdout);
    expect(Object.keys(document)).toEqual(['connection', 'snapshot', 'metrics']);
    expect(document.connection).toEqual({
      connectionId: expect.any(String),
      tenantId: 'demo',
      instanceUrl: sample.url,
      metabaseVersion: 'v1.63.2.7',
      status: 'active',
    });
    expect(document.snapshot).toEqual({
      version: 1,
      takenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      ...expected,
      licenses: [
        expect.objectContaining({
          plan: 'pro-cloud',
          seats: { used: seatsUsed, limit: null, available: null },
        }),
      ],
      changes: [],
    });
    expect(Object.keys(document.metrics)).toEqual([
      'metabaseRequests',
      'metabaseBytes',
      'userRowsWritten',
      'durationMs',
    ]);

    sample.deactivate(1);
    const second = await start('main', [...real(), '--once', '--json'], env).ended;
    expect(JSON.parse(second.stdout)).toMatchObject({
      connection: { connectionId: document.connection.connectionId },
      snapshot: { version: 2, changes: [{ kind: 'deactivated', userId: 1 }] },
      metrics: { userRowsWritten: 1 },
    });
  });

  test('--once explains in one paragraph why it did not work, without a stack trace', async () => {
    const args = [...real(), '--api-key', sample.memberKey, '--once', '--json'];
    const { code, stdout, stderr } = await start('main', args).ended;
    expect(code).toBe(1);
    expect(stdout).toBe('');
    const reason = stderr.trim().split('\n').at(-1) ?? '';
    expect(reason).toMatch(/Administrators/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).not.toContain(sample.memberKey);
  });

  test('says which port is taken and how to choose another one', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const folder = join(dataDir, 'port-taken');
    const { code, stderr } = await start('main', ['--port', String(port), '--data-dir', folder]).ended;
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} is already in use`);
    expect(stderr).toContain('--port 0');
  });

  test('stays up for resyncs until it is interrupted, and refuses a second run meanwhile', async () => {
    const folder = join(dataDir, 'sample');
    const args = ['--data-dir', folder];
    const running = start('main', [...args, '--port', '0', '--tenant', 'acme']);
    await running.says('Ctrl-C ends');
    const { pid } = await findRun(folder);

    const second = await start('main', [...args, '--once']).ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`process ${pid}`);

    const resync = ['--tenant', 'acme', '--reason', 'test', '--wait', ...args];
    const { code, stdout } = await start('resync', resync).ended;
    expect(stdout).toContain('0 user rows written');
    expect(code).toBe(0);

    running.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0 });
    const late = await start('resync', resync).ended;
    expect(late.code).toBe(1);
    expect(late.stderr).toContain('npm start');
  });
});

test('a run that was killed in the middle of a sync does not keep the next one from syncing', async () => {
  const options = { dataDir: join(dataDir, 'killed'), allowPrivateNetwork: true };
  const killed = await startLocalStack(options);
  const connectionId = await createTenant(killed, 'acme').connect(sample);
  const leaseStore = createLeaseStore({
    client: killed.clients.dynamoDb,
    tableName: killed.tables.connections,
  });
  await leaseStore.acquire({ tenantId: 'acme', connectionId }, new Date(), 360_000);
  await killed.close();

  await using next = await startLocalStack(options);
  expect(await createTenant(next, 'acme').resync(connectionId)).toMatchObject({ outcome: 'published' });
});

test('no key is printed or in any file but the secret store, and nobody else may read that', () => {
  const keys = [sample.adminKey, sample.memberKey].map((key) => key.slice(3, 30));
  expect(printed).toContain('Snapshot 1');
  expect(keys.some((key) => printed.includes(key))).toBe(false);
  const holders = filesIn(dataDir).filter((file) =>
    keys.some((key) => readFileSync(file, 'latin1').includes(key)),
  );
  // The sample that npm start runs by itself has the same seed, and so the same key.
  expect(holders.map((file) => relative(dataDir, file)).sort()).toEqual([
    'killed/secrets.json',
    'sample/secrets.json',
    'secrets.json',
  ]);
  for (const file of holders) expect(statSync(file).mode & 0o777).toBe(0o600);
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
