import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { checkBudgets } from './budgets.ts';
import { assumptions } from './cost.ts';
import { measureBundles } from './measure-bundles.ts';
import { measureDispatch } from './measure-dispatch.ts';
import { measureSyncs, measureTypicalSyncs } from './measure-syncs.ts';
import { circumstances, costsOf, report } from './report.ts';
import type { BenchResults } from './results.ts';
import { bundleWorkers } from './worker-files.ts';

const parts = ['sync', 'dispatch', 'bundles'] as const;
type Part = (typeof parts)[number];

const flags = new Command('bench')
  .description('Measures syncs, dispatching and bundles, and says whether the budgets are met.')
  .option('--sizes <numbers>', 'users and connections, for a quick look: 1000,10000', parseSizes)
  .addOption(new Option('--only <part>', 'leave out the rest').choices(parts))
  .option('--out <file>', 'where to write the results as JSON', 'bench.json')
  .parse()
  .opts<{ sizes?: number[]; only?: Part; out: string }>();

const userCounts = flags.sizes ?? [1_000, 10_000, 100_000];
const connectionCounts = flags.sizes ?? [10_000, 100_000];
const wants = (part: Part) => (flags.only ?? part) === part;

await using files = await bundleWorkers();
const bundles = wants('bundles') ? await told('bundles', measureBundles) : [];
const typicalSyncs = wants('sync')
  ? await told('syncs of a typical tenant', () => measureTypicalSyncs(assumptions.usersPerTenant, files))
  : null;
const syncs = wants('sync')
  ? await each(userCounts, (users) => told(`syncs of ${users} users`, () => measureSyncs(users, files)))
  : [];
const dispatches = wants('dispatch')
  ? await each(connectionCounts, (connections) =>
      told(`dispatching ${connections} connections`, () => measureDispatch(connections, files)),
    )
  : [];

const results: BenchResults = { syncs: syncs.flat(), typicalSyncs, dispatches, bundles };
const measuredOn = circumstances(new Date());
const budgets = checkBudgets(results);
console.log(report(results, measuredOn));
await writeFile(
  flags.out,
  `${JSON.stringify({ ...measuredOn, budgets, ...results, monthlyCost: costsOf(results), assumptions }, shorten, 2)}\n`,
);
if (budgets.some(({ met }) => !met)) process.exitCode = 1;

/** Nobody reads nanoseconds. */
function shorten(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}

/** One after the other: two cores are just enough for a worker and an emulator. */
async function each<T, R>(items: readonly T[], measure: (item: T) => Promise<R>): Promise<R[]> {
  const measured: R[] = [];
  for (const item of items) measured.push(await measure(item));
  return measured;
}

async function told<T>(what: string, measure: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const measured = await measure();
  console.error(`${what}: ${Math.round((performance.now() - startedMs) / 1000)} s`);
  return measured;
}

function parseSizes(text: string): number[] {
  const sizes = text.split(',').map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes;
  throw new InvalidArgumentError('Give whole numbers with commas between them, such as 1000,10000.');
}
