const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const nanoid = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-';

export type Random = ReturnType<typeof createRandom>;

/** The same seed gives the same company on every machine, so a failing test can be repeated. */
export function createRandom(seed: number) {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const below = (limit: number): number => Math.floor(next() * limit);
  const text = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join('');

  return {
    below,
    chance: (probability: number): boolean => next() < probability,
    pick: <T>(list: readonly [T, ...T[]]): T => list[below(list.length)] ?? list[0],
    /** Low indexes come up far more often, as popular names do. */
    pickPopular: <T>(list: readonly [T, ...T[]]): T => list[Math.floor(next() ** 2 * list.length)] ?? list[0],
    uuid: (): string => {
      const hex = text('0123456789abcdef', 32);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    entityId: (): string => text(nanoid, 21),
    /** 47 characters: mb_ and what base64 makes of 32 bytes. */
    apiKey: (): string => `mb_${text(base64, 42)}A=`,
  };
}

/** Spreads neighbouring ids over 0 to 1, for "a fraction of the people" that is always the same people. */
export function fractionOf(id: number): number {
  return (Math.imul(id, 0x9e3779b1) >>> 0) / 2 ** 32;
}
