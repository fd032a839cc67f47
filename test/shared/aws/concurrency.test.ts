import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { chunksOf, forEachOf } from '#shared/aws/concurrency.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('work on many items side by side', () => {
  it('does every item once, never more than the limit at a time', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await forEachOf(numbers(20), 3, undefined, async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done.push(item);
    });
    expect(done.sort((a, b) => a - b)).toEqual(numbers(20));
    expect(most).toBe(3);
  });

  it('begins nothing new after a failure, and reports it when everything that had begun has ended', async () => {
    const begun: number[] = [];
    const slow = Promise.withResolvers<void>();
    const work = async (item: number) => {
      begun.push(item);
      if (item === 1) throw new Error('item 1 failed');
      await slow.promise;
    };
    let reported = false;
    const all = forEachOf(numbers(20), 3, undefined, work).finally(() => {
      reported = true;
    });
    const ending = expect(all).rejects.toThrow('item 1 failed');
    await nextTurn();
    expect(reported).toBe(false);
    slow.resolve();
    await ending;
    expect(begun).toEqual([0, 1, 2]);
  });

  it('passes on a failure of the items themselves', async () => {
    function* failing() {
      yield 1;
      throw new Error('no more');
    }
    await expect(forEachOf(failing(), 3, undefined, async () => {})).rejects.toThrow('no more');
  });

  it('cuts items into chunks, the last one shorter', () => {
    expect([...chunksOf(numbers(5), 2)]).toEqual([[0, 1], [2, 3], [4]]);
    expect([...chunksOf([], 2)]).toEqual([]);
  });
});
