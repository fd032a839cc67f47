import { describe, expect, it } from 'vitest';
import { holdBack, isSuspicious } from '#shared/domain/brake.ts';

const hourMs = 3_600_000;
const at = (time: string) => new Date(`2026-01-01T${time}:00Z`);

describe('the brake', () => {
  it.each([
    ['an empty list', { listed: 0, published: 40, missing: 40 }, true],
    ['an empty list at the first sync', { listed: 0, published: 0, missing: 0 }, true],
    ['a quarter missing', { listed: 75, published: 100, missing: 25 }, true],
    ['a fifth missing', { listed: 80, published: 100, missing: 20 }, false],
    ['two of three missing', { listed: 1, published: 3, missing: 2 }, false],
    ['three of four missing', { listed: 1, published: 4, missing: 3 }, true],
    ['nobody missing', { listed: 100, published: 100, missing: 0 }, false],
    ['a first list', { listed: 100, published: 0, missing: 0 }, false],
  ])('holds back as it should: %s', (_case, counts, suspicious) => {
    expect(isSuspicious(counts)).toBe(suspicious);
  });

  it('lets go when the same accounts are still missing half an interval later', () => {
    const first = holdBack([1, 2, 3], null, at('10:00'), hourMs);
    expect(first).toMatchObject({ missing: 3, firstSeenAt: '2026-01-01T10:00:00.000Z' });
    expect(holdBack([3, 2, 1], first, at('10:10'), hourMs)).toEqual(first);
    expect(holdBack([3, 2, 1], first, at('10:30'), hourMs)).toBeNull();
  });

  it('begins anew when other accounts are missing', () => {
    const first = holdBack([1, 2, 3], null, at('10:00'), hourMs);
    const second = holdBack([1, 2, 4], first, at('11:00'), hourMs);
    expect(second?.firstSeenAt).toBe('2026-01-01T11:00:00.000Z');
    expect(second?.fingerprint).not.toBe(first?.fingerprint);
  });
});
