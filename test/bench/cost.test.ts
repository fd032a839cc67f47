import { expect, it } from 'vitest';
import { assumptions, type Measured, monthlyCost } from './cost.ts';

const measured: Measured = {
  unchangedSync: { writeUnits: 3, readUnits: 50, wallMs: 400 },
  writeUnitsPerChangedUser: 2,
  dispatch: { writeUnits: 1, readUnits: 0, wallMs: 1 },
};

function usdOf(what: string, ...given: Parameters<typeof monthlyCost>): number {
  const line = monthlyCost(...given).find((line) => line.what === what);
  if (!line) throw new Error(`There is no line ${what}`);
  return line.usd;
}

it('charges 400 dollars for the secrets of 1,000 tenants', () => {
  expect(usdOf('Secrets, kept', measured)).toBeCloseTo(400);
});

it('charges the bookkeeping of every sync, and two units for each changed user', () => {
  const noChanges = { ...assumptions, shareChangedPerDay: 0, shareSignedInPerDay: 0 };
  // 730,000 syncs of 3 + 1 + 2 units of the index.
  expect(usdOf('DynamoDB writes', measured, noChanges)).toBeCloseTo(0.73 * 6 * 0.625);

  const allChangeDaily = { ...noChanges, shareChangedPerDay: 1, daysPerMonth: 30 };
  // 500,000 users, 30 days.
  const more =
    usdOf('DynamoDB writes', measured, allChangeDaily) - usdOf('DynamoDB writes', measured, noChanges);
  expect(more).toBeCloseTo(15 * 2 * 0.625);
});

it('charges reading every stored row, and a look at each shard a minute', () => {
  expect(usdOf('DynamoDB reads', measured)).toBeCloseTo((0.73 * 50 + 0.0438 * 8 * 0.5) * 0.125);
});

it('charges the change log as long as it is kept', () => {
  const noChanges = { ...assumptions, shareChangedPerDay: 0, shareSignedInPerDay: 0 };
  const allChangeDaily = { ...noChanges, shareChangedPerDay: 1 };
  const more =
    usdOf('DynamoDB storage', measured, allChangeDaily) - usdOf('DynamoDB storage', measured, noChanges);
  // 500,000 entries of 500 bytes a day, 400 days.
  expect(more).toBeCloseTo(100 * 0.45);
});

it('charges a sync longer on the part of a core that its memory gives it', () => {
  const aCore = { ...assumptions, memoryMbOfOneCore: 1_024, ticksPerHour: 0.000_001 };
  // 730,000 syncs of 0.4 s here and 1 s of network, with 1 GB.
  expect(usdOf('Lambda', { ...measured, dispatch: { ...measured.dispatch, wallMs: 0 } }, aCore)).toBeCloseTo(
    730_000 * 1.4 * 0.0000133334 + 0.73 * 0.2,
  );
});

it('grows with the tenants, but for the key, the ticks and the idle pollers', () => {
  const total = (tenants: number) =>
    monthlyCost(measured, { ...assumptions, tenants }).reduce((sum, { usd }) => sum + usd, 0);
  expect(total(0)).toBeLessThan(3);
  expect(total(2_000) - total(1_000)).toBeCloseTo(total(3_000) - total(2_000), 0);
});
