import { dueShardOf, dueShards } from '#shared/domain/schedule.ts';
import type { DueStore } from '#shared/use-cases/ports.ts';
import { type MemoryState, textKey } from './state.ts';

export function createMemoryDue(state: MemoryState, pageSize = 1_000): DueStore {
  return {
    async *due(now) {
      for (let shard = 0; shard < dueShards; shard++) {
        const due = [...state.connections.values()]
          .map(({ connection: { tenantId, connectionId, nextSyncAt } }) => ({
            tenantId,
            connectionId,
            nextSyncAt,
          }))
          .filter((entry): entry is typeof entry & { nextSyncAt: string } => entry.nextSyncAt !== null)
          .filter(
            ({ connectionId, nextSyncAt }) =>
              dueShardOf(connectionId) === shard && nextSyncAt <= now.toISOString(),
          )
          .sort((a, b) => (a.nextSyncAt < b.nextSyncAt ? -1 : 1));
        for (let start = 0; start < due.length; start += pageSize) yield due.slice(start, start + pageSize);
      }
    },

    async reschedule({ nextSyncAt: seen, ...key }, nextSyncAt) {
      const connection = state.connections.get(textKey(key))?.connection;
      if (connection?.nextSyncAt !== seen) return false;
      connection.nextSyncAt = nextSyncAt.toISOString();
      return true;
    },
  };
}
