import type { BenchResults, SyncResult } from './results.ts';
import { megabytes, number } from './table.ts';

export interface BudgetLine {
  readonly budget: string;
  /** The measurement that came closest to the limit, or beyond it. */
  readonly measured: string;
  readonly met: boolean;
}

interface Case {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
}

const maxCallsBesidesPages = 6;
const maxItemsBesidesChanges = 6;
const manyUsers = 100_000;
const maxPeakRssBytes = 400e6;
const maxBundleBytes = 600e3;

/** Those budgets for which there is a measurement. */
export function checkBudgets({ syncs, bundles }: Pick<BenchResults, 'syncs' | 'bundles'>): BudgetLine[] {
  const unchanged = syncs.filter(({ phase }) => phase === 'unchanged');
  return [
    judge(
      `At most ${maxCallsBesidesPages} Metabase calls and one per page of users`,
      syncs.map((sync) => ({
        name: nameOf(sync),
        value: sync.metabaseCalls,
        limit: maxCallsBesidesPages + sync.userPages,
      })),
    ),
    judge(
      'An unchanged sync writes no user row',
      unchanged.map((sync) => ({ name: nameOf(sync), value: sync.userRowsWritten, limit: 0 })),
    ),
    judge(
      `An unchanged sync writes at most ${maxItemsBesidesChanges} items`,
      unchanged.map((sync) => ({
        name: nameOf(sync),
        value: sync.dynamoDb.itemsWritten,
        limit: maxItemsBesidesChanges,
      })),
    ),
    judge(
      `k changed users write at most 2k + ${maxItemsBesidesChanges} items`,
      syncs
        .filter(({ phase }) => phase === 'changed')
        .map((sync) => ({
          name: `${nameOf(sync)}, k = ${number(sync.usersChanged)}`,
          value: sync.dynamoDb.itemsWritten,
          limit: 2 * sync.usersChanged + maxItemsBesidesChanges,
        })),
    ),
    judge(
      `${number(manyUsers)} users stay under ${megabytes(maxPeakRssBytes)} of memory`,
      syncs
        .filter(({ users }) => users === manyUsers)
        .map((sync) => ({ name: nameOf(sync), value: sync.peakRssBytes, limit: maxPeakRssBytes - 1 })),
      megabytes,
    ),
    judge(
      `Each bundle is under ${number(maxBundleBytes / 1e3)} KB`,
      bundles.map(({ name, bytes }) => ({ name, value: bytes, limit: maxBundleBytes - 1 })),
      (bytes) => `${number(bytes / 1e3)} KB`,
    ),
  ].flat();
}

/** One line, or none when nothing was measured. */
function judge(
  budget: string,
  cases: readonly Case[],
  format: (value: number) => string = number,
): BudgetLine[] {
  const [worst] = cases.toSorted((a, b) => b.value - b.limit - (a.value - a.limit));
  if (!worst) return [];
  return [
    {
      budget,
      measured: `${format(worst.value)} (${worst.name})`,
      met: cases.every(({ value, limit }) => value <= limit),
    },
  ];
}

function nameOf({ users, phase }: SyncResult): string {
  return `${number(users)} users, ${phase}`;
}
