import { setTimeout as sleep } from 'node:timers/promises';
import { createConnectionReader } from '#shared/aws/connections.ts';
import type { ConnectionStatus } from '#shared/domain/connection.ts';
import { instanceUrlCandidates } from '#shared/domain/instance-url.ts';
import { defaultDataDir, type RunOptions } from './options.ts';
import { printSnapshot } from './print-snapshot.ts';
import { Problem } from './problem.ts';
import { readSnapshotDocument } from './snapshot-document.ts';
import { type LocalStack, startLocalStack } from './stack.ts';
import { createTenantApi, explainStatus, type ShownConnection } from './tenant-api.ts';

export interface Terminal {
  /** The result. */
  print(text: string): void;
  /** What is going on meanwhile. */
  progress(text: string): void;
}

/**
 * Boots the stack, connects an instance and waits for its first sync; then ends, or goes on until `signal` aborts.
 *
 * @throws Problem with a reason and a cure
 */
export async function run(options: RunOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { dataDir, tenantId } = options;
  await using resources = new AsyncDisposableStack();
  terminal.progress('Starting the stack …');
  const stack = resources.use(await startLocalStack({ ...options, progress: terminal.progress }));
  const instance = options.instance ?? (await startSampleInstance(options, terminal, resources));
  signal.throwIfAborted();

  const token = await stack.issueToken(tenantId);
  const api = createTenantApi(stack.apiUrl, token, options.allowPrivateNetwork);
  terminal.progress(`Connecting ${instanceUrlCandidates(instance.url)[0]} for the tenant ${tenantId} …`);
  const connected = await api.connect({
    instanceUrl: instance.url,
    apiKey: instance.apiKey,
    name: options.name,
  });
  terminal.progress(`Connected as ${connected.connectionId}. Syncing its users and licenses …`);
  const connection = await api.waitForSync(connected, signal);
  if (connection.status === 'active') {
    const document = await readSnapshotDocument(stack, connection);
    if (options.json) terminal.print(JSON.stringify(document, null, 2));
    else terminal.print(`\n${printSnapshot(document)}\n`);
  }
  if (options.once) {
    if (connection.status !== 'active') throw new Problem(explainStatus(connection));
    return;
  }

  if (connection.status !== 'active') terminal.print(`\n${explainStatus(connection)}\n`);
  terminal.print(explainUse(stack, token, connection, dataDir));
  stack.startTicking();
  await watchSyncs(stack, tenantId, terminal, signal);
}

async function startSampleInstance(
  { sample: choice, dataDir }: RunOptions,
  terminal: Terminal,
  resources: AsyncDisposableStack,
): Promise<{ url: string; apiKey: string }> {
  // Only when it is wanted: it is half of the modules.
  const { startSample } = await import('./sample.ts');
  const sample = resources.use(await startSample(choice, dataDir));
  terminal.progress(
    `A sample Metabase ${choice.version} (${choice.plan}, ${choice.users} people) runs at ${sample.url}`,
  );
  return { url: sample.url, apiKey: sample.adminKey };
}

function explainUse(
  { apiUrl }: LocalStack,
  token: string,
  connection: ShownConnection,
  dataDir: string,
): string {
  const { tenantId, connectionId } = connection;
  const folder = dataDir === defaultDataDir ? '' : ` --data-dir ${dataDir}`;
  const curl = (path: string, method = '') =>
    `  curl -sw "\\n"${method} -H "authorization: Bearer $TOKEN" '${apiUrl}${path}'`;
  return [
    `The HTTP API is at ${apiUrl}. Paste this into another terminal to ask it as the tenant ${tenantId}:`,
    '',
    `  TOKEN='${token}'`,
    curl('/v1/connections'),
    curl(`/v1/connections/${connectionId}`),
    curl(`/v1/connections/${connectionId}/users?role=admin`),
    curl(`/v1/connections/${connectionId}/licenses`),
    curl(`/v1/connections/${connectionId}/sync`, ' -X POST'),
    '',
    'And as support staff:',
    '',
    `  npm run resync -- --tenant ${tenantId} --reason "trying it out" --wait${folder}`,
    '',
    `The schedule looks every minute which connection is due. Data and logs are in ${dataDir}. Ctrl-C ends.`,
  ].join('\n');
}

const watchMs = 1000;
const runningStatuses: readonly ConnectionStatus[] = ['pending'];

/** Tells of every sync that ends, until `signal` aborts. */
async function watchSyncs(
  { clients, tables }: LocalStack,
  tenantId: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const reader = createConnectionReader({ client: clients.dynamoDb, tableName: tables.connections });
  const told = new Map<string, string>();
  for (let first = true; !signal.aborted; first = false) {
    for (const connection of await reader.list(tenantId)) {
      const { connectionId, status, lastAttemptAt, leaseExpiresAt, summary } = connection;
      if (leaseExpiresAt !== null || runningStatuses.includes(status)) continue;
      const news = `${status} ${lastAttemptAt}`;
      if (told.get(connectionId) === news) continue;
      told.set(connectionId, news);
      if (first) continue;
      const outcome =
        status === 'active' && summary
          ? `synced, ${summary.users} accounts, ${summary.seatsUsed} seats used`
          : explainStatus(connection);
      terminal.print(`${new Date().toTimeString().slice(0, 8)}  ${connectionId}  ${outcome}`);
    }
    await sleep(watchMs, undefined, { signal }).catch(() => {});
  }
}
