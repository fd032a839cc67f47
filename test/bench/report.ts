import { availableParallelism, cpus } from 'node:os';
import { type BudgetLine, checkBudgets } from './budgets.ts';
import { assumptions, type CostLine, type Measured, monthlyCost } from './cost.ts';
import type { BenchResults, BundleResult, DispatchResult, SyncResult } from './results.ts';
import { markdownTable, megabytes, number, seconds, usd } from './table.ts';

export interface Circumstances {
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  readonly processor: string;
}

export function circumstances(now: Date): Circumstances {
  return {
    date: now.toISOString().slice(0, 10),
    node: process.versions.node,
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? process.arch,
  };
}

/** Markdown, to be pasted into the README. */
export function report(results: BenchResults, { date, node, cores, processor }: Circumstances): string {
  const costs = costsOf(results);
  const budgets = checkBudgets(results);
  return [
    `Measured on ${date} with Node ${node} on ${cores} cores (${processor}).`,
    ...(results.syncs.length > 0 ? syncSection(results.syncs) : []),
    ...(results.dispatches.length > 0 ? dispatchSection(results.dispatches) : []),
    ...(results.bundles.length > 0 ? bundleSection(results.bundles) : []),
    ...(costs ? costSection(costs) : []),
    ...(budgets.length > 0 ? budgetSection(budgets) : []),
  ].join('\n\n');
}

/** Null when syncs or dispatching were left out. */
export function costsOf({ typicalSyncs, dispatches }: BenchResults): CostLine[] | null {
  const [dispatch] = dispatches;
  if (!typicalSyncs || !dispatch) return null;
  const { unchanged, changed } = typicalSyncs;
  const measured: Measured = {
    unchangedSync: { ...unchanged.dynamoDb, wallMs: unchanged.wallMs },
    writeUnitsPerChangedUser:
      (changed.dynamoDb.writeUnits - unchanged.dynamoDb.writeUnits) / changed.usersChanged,
    dispatch: {
      writeUnits: dispatch.dynamoDb.writeUnits / dispatch.connections,
      readUnits: dispatch.dynamoDb.readUnits / dispatch.connections,
      wallMs: dispatch.wallMs / dispatch.connections,
    },
  };
  return monthlyCost(measured);
}

const syncNames = { first: 'first time', unchanged: 'unchanged', changed: '2 % changed' } as const;

function syncSection(syncs: readonly SyncResult[]): string[] {
  const table = markdownTable(
    [
      'users',
      'wall time:',
      'of it DynamoDB:',
      'CPU:',
      'download only:',
      'calls:',
      'received:',
      'items written:',
      'write units:',
      'read units:',
      'peak memory:',
    ],
    syncs.map((sync) => [
      `${number(sync.users)}, ${syncNames[sync.phase]}`,
      seconds(sync.wallMs),
      seconds(sync.dynamoDb.waitingMs),
      seconds(sync.cpuMs),
      seconds(sync.downloadMs),
      sync.metabaseCalls,
      megabytes(sync.metabaseBytes),
      sync.dynamoDb.itemsWritten,
      sync.dynamoDb.writeUnits,
      sync.dynamoDb.readUnits,
      megabytes(sync.peakRssBytes),
    ]),
  );
  const note = [
    'Each sync runs in a process of its own with the heap of a 1,024 MB Lambda function. "Of it DynamoDB" is the time with a',
    'request to the emulated DynamoDB under way. A first sync is one conditional write a user, and there the sync and the',
    'emulator keep one core each busy. "Download only" fetches the same answers in the same way and throws them away.',
  ].join('\n');
  return ['**Sync**', table, note];
}

function dispatchSection(dispatches: readonly DispatchResult[]): string[] {
  const table = markdownTable(
    [
      'connections due at once',
      'wall time:',
      'of it DynamoDB:',
      'messages:',
      'SQS requests:',
      'items written:',
      'write units:',
      'peak memory:',
    ],
    dispatches.map((dispatch) => [
      number(dispatch.connections),
      seconds(dispatch.wallMs),
      seconds(dispatch.dynamoDb.waitingMs),
      dispatch.messages,
      dispatch.queueRequests,
      dispatch.dynamoDb.itemsWritten,
      dispatch.dynamoDb.writeUnits,
      megabytes(dispatch.peakRssBytes),
    ]),
  );
  const note = 'Queue: fauxqs, through the real adapter. Here, too, the emulators share the cores.';
  return ['**Dispatch**', table, note];
}

function bundleSection(bundles: readonly BundleResult[]): string[] {
  const table = markdownTable(
    ['function', 'bundle:', 'load time:'],
    bundles.map(({ name, bytes, loadMs }) => [name, `${number(bytes / 1e3)} KB`, `${number(loadMs)} ms`]),
  );
  return [
    '**Functions**',
    table,
    'Load time: importing the bundle in a new process, less an empty process; median of 5.',
  ];
}

function costSection(costs: readonly CostLine[]): string[] {
  const total = costs.reduce((sum, { usd }) => sum + usd, 0);
  const table = markdownTable(
    ['monthly cost', 'USD:', 'for'],
    [
      ...costs.map((cost) => [cost.what, usd(cost.usd), cost.because]),
      ['**together**', usd(total), `${usd((total / assumptions.tenants) * 100)} cents a tenant`],
    ],
  );
  const {
    tenants,
    usersPerTenant,
    shareChangedPerDay,
    shareSignedInPerDay,
    networkMsPerSync,
    syncMemoryMb,
    memoryMbOfOneCore,
  } = assumptions;
  const note = [
    `${number(tenants)} tenants of ${usersPerTenant} users, synced every hour, us-east-1, without free tiers. Each day`,
    `${shareChangedPerDay * 100} % of the users change and ${shareSignedInPerDay * 100} % sign in anew (which moves \`lastLoginAt\`). Units and durations are measured; a sync`,
    `has ${number(syncMemoryMb / memoryMbOfOneCore, 2)} of a core instead of one here, and ${number(networkMsPerSync)} ms more for the way to the instance. The emulator counts no index`,
    'and no empty query; two write units a move and half a read unit a query are added. Not in it: logs, alarms, and',
    'the HTTP API.',
  ].join('\n');
  return ['**Cost**', table, note];
}

function budgetSection(budgets: readonly BudgetLine[]): string[] {
  const table = markdownTable(
    ['budget', 'closest to the limit', 'result'],
    budgets.map(({ budget, measured, met }) => [budget, measured, met ? 'budget met' : 'budget MISSED']),
  );
  return ['**Budgets**', table];
}
