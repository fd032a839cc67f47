import type { ConnectionKey } from '#shared/domain/connection.ts';
import { Failure } from '#shared/domain/errors.ts';
import type { SnapshotPurger } from '#shared/use-cases/ports.ts';
import { type Pacing, realPacing, writeInBatches } from './batch-write.ts';
import { connectionKeyOf } from './keys.ts';
import { queryItems, type Table } from './table.ts';

export function createSnapshotPurger(table: Table, pacing: Pacing = realPacing): SnapshotPurger {
  return {
    async purge(key, signal) {
      try {
        await deleteAll(table, key, signal, pacing);
      } catch (error) {
        throw signal.aborted ? purgeIncomplete(error) : error;
      }
    },
  };
}

/** Deletes one page of items before it reads the next, so that an interrupted purge has done its part. */
async function deleteAll(
  table: Table,
  key: ConnectionKey,
  signal: AbortSignal,
  pacing: Pacing,
): Promise<void> {
  signal.throwIfAborted();
  const pages = queryItems(
    table,
    {
      KeyConditionExpression: 'connectionKey = :connectionKey',
      ExpressionAttributeNames: { '#item': 'item' },
      ExpressionAttributeValues: { ':connectionKey': connectionKeyOf(key) },
      ProjectionExpression: 'connectionKey, #item',
      ConsistentRead: true,
    },
    signal,
  );
  for await (const items of pages) {
    const requests = items.map((item) => ({ DeleteRequest: { Key: item } }));
    await writeInBatches(table, requests, signal, pacing);
  }
}

function purgeIncomplete(cause: unknown): Failure {
  return new Failure(
    'purge_incomplete',
    'There was more to delete than fits into one request. Send the same request again to delete the rest.',
    { cause },
  );
}
