/**
 * Does `work` for each item, at most `limit` at a time, taking the next item only when there is room for it. After
 * the first failure nothing new is begun; it is thrown once everything that had begun has ended, so that nobody
 * reports a failure while writes are still under way.
 *
 * @throws the reason of `signal` when that is why it ended
 */
export async function forEachOf<T>(
  items: Iterable<T>,
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  // One generator for all workers: the one that throws closes it, and the others find it exhausted.
  const queue = each(items);
  const worker = async () => {
    for (const item of queue) {
      signal?.throwIfAborted();
      await work(item);
    }
  };
  const endings = await Promise.allSettled(Array.from({ length: limit }, worker));
  const failed = endings.find((ending) => ending.status === 'rejected');
  if (!failed) return;
  signal?.throwIfAborted();
  throw failed.reason;
}

export function* chunksOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function* each<T>(items: Iterable<T>): Generator<T> {
  yield* items;
}
