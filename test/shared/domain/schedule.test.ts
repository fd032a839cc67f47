import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueShardOf, dueShards, nextSlot, nextTry } from '#shared/domain/schedule.ts';

const hourMs = 3_600_000;
const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const ids = Array.from({ length: 6000 }, (_, i) => `connection-${i}`);

describe('the schedule', () => {
  it('gives a connection the same place in every interval, less than one interval away', () =>
    fc.assert(
      fc.property(fc.string(), moment, (id, now) => {
        const next = nextSlot(id, now, hourMs);
        const waitMs = next.getTime() - now.getTime();
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(hourMs);
        expect(nextSlot(id, next, hourMs).getTime() - next.getTime()).toBe(hourMs);
      }),
    ));

  it('uses every minute of the hour about evenly', () => {
    const perMinute = new Array<number>(60).fill(0);
    for (const id of ids) {
      const minute = nextSlot(id, new Date('2026-01-01T00:00:00Z'), hourMs).getUTCMinutes();
      perMinute[minute] = (perMinute[minute] ?? 0) + 1;
    }
    expect(Math.min(...perMinute)).toBeGreaterThan(60);
    expect(Math.max(...perMinute)).toBeLessThan(140);
  });

  it('spreads connections over all shards of the due index', () => {
    expect(new Set(ids.map(dueShardOf)).size).toBe(dueShards);
  });

  it('waits longer after every failure in a row, never more than six hours, and as long as Metabase asked', () => {
    const now = new Date('2026-01-01T00:00:00Z');
    const waitMinutes = (failures: number, retryAfter?: number) =>
      (nextTry(now, failures, retryAfter).getTime() - now.getTime()) / 60_000;
    expect([1, 2, 3, 4].map((n) => waitMinutes(n))).toEqual([5, 10, 20, 40]);
    expect(waitMinutes(50)).toBe(360);
    expect(waitMinutes(1, 1800)).toBe(30);
  });
});
