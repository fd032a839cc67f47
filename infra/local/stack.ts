import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startControl } from './control.ts';
import { type Emulators, startEmulators } from './emulators.ts';
import type { EventSource } from './event-source.ts';
import { type LocalFunctions, readFunctions, startFunctions } from './functions.ts';
import { startHttpApi } from './http-api.ts';
import { endOrphanedLeases } from './leases.ts';
import { Problem } from './problem.ts';
import { queueUrl } from './queue.ts';
import { createResources, localValues } from './resources.ts';
import { claimDataDir } from './run-file.ts';
import { startSchedules } from './schedule.ts';
import { type Context, synthesize } from './synthesize.ts';
import { createResolver, readAssembly } from './template.ts';
import { localAudience, localIssuer, localTenantClaim, openTokenIssuer } from './token-issuer.ts';
import { readRoutes, startEventSources } from './triggers.ts';

export interface LocalStackOptions {
  /** Where everything is kept; in memory when it is missing. */
  readonly dataDir?: string | undefined;
  /** Deletes what the last run left in `dataDir`. */
  readonly fresh?: boolean | undefined;
  /** Of the HTTP API; 0 takes any free one. */
  readonly port?: number | undefined;
  /** Permits instances on loopback and private addresses, and http to them. */
  readonly allowPrivateNetwork?: boolean | undefined;
  /** More CDK context, such as `syncIntervalMinutes`. */
  readonly context?: Context | undefined;
  /** Told what takes its time. */
  readonly progress?: ((text: string) => void) | undefined;
}

export interface LocalStack extends AsyncDisposable {
  readonly apiUrl: string;
  /** For the SDK's Lambda client: the endpoint, and the access key id to sign with. */
  readonly control: { readonly url: string; readonly accessKeyId: string };
  readonly clients: Emulators['clients'];
  readonly tables: { readonly connections: string; readonly snapshots: string };
  issueToken(tenantId: string): Promise<string>;
  /** Invokes a function by its name, such as `resync`. @throws FunctionError */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** Ends a function's environments in the middle of whatever they are doing. */
  kill(name: string): Promise<void>;
  /** What the schedule does every minute. */
  tick(): Promise<void>;
  /** Ticks at the schedule's rate from now on. */
  startTicking(): void;
  /** Resolves once no message waits and no function runs. Messages that failed and are invisible do not count. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** How long syncs that run when the stack ends may take to finish; then they are cut off. */
const graceMs = 10_000;
/** Those that a person waits for first. */
const warmFunctions = ['connect', 'sync', 'read'];

/** Boots the synthesized stack on this machine. @throws Problem */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const { dataDir, allowPrivateNetwork = false } = options;
  await using started = new AsyncDisposableStack();
  const accessKeyId = `LOCAL${randomBytes(12).toString('hex').toUpperCase()}`;
  let functions: LocalFunctions | undefined;

  const control = await startControl({ accessKeyId, find: (name) => functions?.lookUp(name) });
  started.defer(control.close);
  if (dataDir !== undefined) {
    const run = { pid: process.pid, controlUrl: control.url, accessKeyId };
    const { release } = await claimDataDir(dataDir, run);
    started.defer(release);
    if (options.fresh) deleteData(dataDir);
  }

  const jwt = { jwtIssuer: localIssuer, jwtAudience: localAudience, tenantClaim: localTenantClaim };
  const synthesizing = synthesize({ ...options.context, ...jwt, allowPrivateNetwork }, () =>
    options.progress?.('Bundling the functions (only after a change) …'),
  );
  // Awaited below; a failure that comes earlier is not an unhandled one.
  synthesizing.catch(() => {});
  const emulators = started.use(await startEmulators(accessKeyId, dataDir));
  const issuer = await openTokenIssuer(dataDir && join(dataDir, 'token-key.json'));
  const assembly = readAssembly(await synthesizing);

  const { clients, endpoints } = emulators;
  const resolver = createResolver(assembly.template, localValues(endpoints.sqs));
  const tables = {
    connections: resolver.output('ConnectionsTableName'),
    snapshots: resolver.output('SnapshotsTableName'),
  };
  await createResources(resolver, emulators);
  await endOrphanedLeases(clients.dynamoDb, tables.connections);

  functions = startFunctions(readFunctions(assembly, resolver, endpoints, accessKeyId), dataDir);
  started.defer(functions.close);
  const { find, lookUp, busy } = functions;
  for (const name of warmFunctions) lookUp(name)?.warmUp();

  const routes = readRoutes(resolver, find);
  const api = await startHttpApi({ routes, keys: issuer.keys, port: options.port }).catch(explainPort);
  started.defer(api.close);
  const queueUrlOf = (arn: string) => queueUrl(endpoints.sqs, arn.split(':').at(-1) ?? '');
  const eventSources = startEventSources(resolver, { client: clients.sqs, find, queueUrlOf });
  started.defer(() => closeWithin(graceMs, eventSources));
  const schedules = startSchedules(resolver, find);
  started.defer(schedules.stop);

  const running = started.move();
  const close = () => running.disposeAsync();
  return {
    apiUrl: api.url,
    control: { url: control.url, accessKeyId },
    clients,
    tables,
    issueToken: issuer.issueToken,
    invoke: (name, event) => find(name).invoke(event),
    kill: (name) => find(name).kill(),
    tick: schedules.tick,
    startTicking: schedules.start,
    async drain() {
      for (;;) {
        const idle = await Promise.all(eventSources.map((source) => source.idle()));
        if (busy() === 0 && idle.every(Boolean)) return;
        await sleep(20);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function explainPort(error: NodeJS.ErrnoException & { port?: number }): never {
  const causes: Record<string, string> = {
    EADDRINUSE: 'is already in use, perhaps by another npm start',
    EACCES: 'may be used by administrators only',
  };
  const cause = causes[error.code ?? ''];
  if (cause === undefined) throw error;
  throw new Problem(
    `Port ${error.port} ${cause}. Choose another one with --port, or any free one with --port 0.`,
  );
}

/** Everything that the local run keeps, but for the mark that this run uses the folder. */
function deleteData(dataDir: string): void {
  for (const name of ['dynamodb', 'secrets.json', 'token-key.json', 'logs', 'sample.json']) {
    rmSync(join(dataDir, name), { recursive: true, force: true });
  }
}

async function closeWithin(timeoutMs: number, eventSources: readonly EventSource[]): Promise<void> {
  const closed = Promise.all(eventSources.map((source) => source.close()));
  await Promise.race([closed, sleep(timeoutMs, undefined, { ref: false })]);
}
