import { expect, it } from 'vitest';
import { checkBudgets } from './budgets.ts';
import type { DynamoDbUse, Phase, SyncResult } from './results.ts';

function sync(phase: Phase, { dynamoDb, ...fields }: SyncOverrides = {}): SyncResult {
  return {
    users: 1_000,
    phase,
    usersChanged: phase === 'changed' ? 20 : 0,
    wallMs: 100,
    cpuMs: 100,
    downloadMs: 50,
    userPages: 1,
    metabaseCalls: 4,
    metabaseBytes: 100_000,
    userRowsWritten: 0,
    peakRssBytes: 100e6,
    ...fields,
    dynamoDb: { requests: 5, itemsWritten: 3, writeUnits: 3, readUnits: 100, waitingMs: 20, ...dynamoDb },
  };
}
type SyncOverrides = Partial<Omit<SyncResult, 'dynamoDb'>> & { dynamoDb?: Partial<DynamoDbUse> };

const verdicts = (syncs: SyncResult[]) => checkBudgets({ syncs, bundles: [] }).map(({ met }) => met);

it('says nothing about what was not measured', () => {
  expect(checkBudgets({ syncs: [], bundles: [] })).toEqual([]);
  expect(verdicts([sync('first')])).toEqual([true]);
});

it('allows six calls and one for each page, and not one more', () => {
  expect(verdicts([sync('first', { userPages: 5, metabaseCalls: 11 })])).toEqual([true]);
  expect(verdicts([sync('first', { userPages: 5, metabaseCalls: 12 })])).toEqual([false]);
});

it('misses when an unchanged sync writes a single user row, or a seventh item', () => {
  expect(verdicts([sync('unchanged', { dynamoDb: { itemsWritten: 6 } })])).toEqual([true, true, true]);
  expect(verdicts([sync('unchanged', { userRowsWritten: 1 })])).toEqual([true, false, true]);
  expect(verdicts([sync('unchanged', { dynamoDb: { itemsWritten: 7 } })])).toEqual([true, true, false]);
});

it('allows a changed user a row and an entry of the log', () => {
  expect(verdicts([sync('changed', { dynamoDb: { itemsWritten: 46 } })])).toEqual([true, true]);
  expect(verdicts([sync('changed', { dynamoDb: { itemsWritten: 47 } })])).toEqual([true, false]);
});

it('looks at the memory of 100,000 users only, which must stay under the limit', () => {
  expect(verdicts([sync('first', { users: 10_000, peakRssBytes: 500e6 })])).toEqual([true]);
  expect(verdicts([sync('first', { users: 100_000, peakRssBytes: 399_999_999 })])).toEqual([true, true]);
  expect(verdicts([sync('first', { users: 100_000, peakRssBytes: 400_000_000 })])).toEqual([true, false]);
});

it('names the measurement that came closest to the limit, not the largest', () => {
  const [calls] = checkBudgets({
    syncs: [
      sync('first', { users: 10_000, userPages: 5, metabaseCalls: 8 }),
      sync('first', { users: 1_000, userPages: 1, metabaseCalls: 6 }),
    ],
    bundles: [],
  });
  expect(calls?.measured).toBe('6 (1,000 users, first)');
});

it('misses when one bundle of several is as large as the limit', () => {
  const bundles = [
    { name: 'read', bytes: 400_000, loadMs: 100 },
    { name: 'sync', bytes: 600_000, loadMs: 100 },
  ];
  expect(checkBudgets({ syncs: [], bundles })).toEqual([
    { budget: 'Each bundle is under 600 KB', measured: '600 KB (sync)', met: false },
  ]);
});
