import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toIsoTime } from '#shared/metabase/iso-time.ts';

test.each([
  ['2026-03-01T09:00:00Z', '2026-03-01T09:00:00.000Z'],
  ['2026-03-01T09:00:00.1Z', '2026-03-01T09:00:00.100Z'],
  ['2026-03-01T09:00:00.12345Z', '2026-03-01T09:00:00.123Z'],
  ['2026-03-01T09:00:00.999999999Z', '2026-03-01T09:00:00.999Z'],
  ['2026-03-01T09:00:00', '2026-03-01T09:00:00.000Z'],
  ['2026-03-01 09:00:00.5', '2026-03-01T09:00:00.500Z'],
  ['2026-03-01T09:00Z', '2026-03-01T09:00:00.000Z'],
  ['2026-03-01T09:00:00.25+05:30', '2026-03-01T03:30:00.250Z'],
  ['2026-03-01T09:00:00-0800', '2026-03-01T17:00:00.000Z'],
  ['2026-03-01 09:00:00+02', '2026-03-01T07:00:00.000Z'],
  ['2026-03-01t09:00:00z', '2026-03-01T09:00:00.000Z'],
])('%s is %s', (text, expected) => {
  expect(toIsoTime(text)).toBe(expected);
});

test.each([
  null,
  undefined,
  '',
  'never',
  'March 1, 2026',
  '1',
  '2026-13-01T00:00:00Z',
  '2026-03-01T25:00:00Z',
])('%s is no time', (text) => {
  expect(toIsoTime(text)).toBeNull();
});

test('agrees with Date for every time, whatever its fraction digits', () => {
  const years = {
    min: new Date('2000-01-01T00:00:00Z'),
    max: new Date('2100-01-01T00:00:00Z'),
    noInvalidDate: true,
  };
  fc.assert(
    fc.property(fc.date(years), fc.stringMatching(/^(\.\d{1,9})?$/), (date, fraction) => {
      const text = `${date.toISOString().slice(0, 19)}${fraction}Z`;
      expect(toIsoTime(text)).toBe(new Date(text).toISOString());
    }),
  );
});
