import { dueShards } from '#shared/domain/schedule.ts';
import type { DueConnection, DueStore } from '#shared/use-cases/ports.ts';
import { connectionItemKey, dueAttributes } from './connection-item.ts';
import { queryItems, type Table, unchanged, updateItemIf } from './table.ts';

export const dueIndex = 'due';

interface DueOptions {
  /** Connections in one page; a page of each shard may be in memory at the same time. */
  readonly pageSize?: number;
}

export function createDueStore(table: Table, { pageSize = 1_000 }: DueOptions = {}): DueStore {
  return {
    due(now) {
      const shards = Array.from({ length: dueShards }, (_, shard) => duePages(table, shard, now, pageSize));
      return merge(shards);
    },

    reschedule: (due, nextSyncAt) =>
      updateItemIf(table, {
        key: connectionItemKey(due),
        set: dueAttributes(due, nextSyncAt),
        ...unchanged({ nextSyncAt: due.nextSyncAt }),
      }),
  };
}

async function* duePages(
  table: Table,
  shard: number,
  now: Date,
  pageSize: number,
): AsyncGenerator<DueConnection[]> {
  const pages = queryItems(table, {
    IndexName: dueIndex,
    KeyConditionExpression: 'dueShard = :shard AND nextSyncAt <= :now',
    ExpressionAttributeValues: { ':shard': shard, ':now': now.toISOString() },
    Limit: pageSize,
  });
  for await (const items of pages) {
    yield items.map(({ tenantId, connectionId, nextSyncAt }) => ({ tenantId, connectionId, nextSyncAt }));
  }
}

/** Pages of several sources in the order in which they arrive; each source fetches one page ahead at most. */
async function* merge<T>(sources: AsyncGenerator<T>[]): AsyncGenerator<T> {
  const next = async (source: AsyncGenerator<T>) => ({ source, result: await source.next() });
  const pending = new Map(sources.map((source) => [source, next(source)]));
  // Whoever stops early, or meets the first failure, does not await the others.
  for (const promise of pending.values()) promise.catch(() => {});

  while (pending.size > 0) {
    const { source, result } = await Promise.race(pending.values());
    pending.delete(source);
    if (result.done) continue;
    const following = next(source);
    following.catch(() => {});
    pending.set(source, following);
    yield result.value;
  }
}
