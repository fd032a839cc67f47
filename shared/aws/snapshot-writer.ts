import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Change } from '#shared/domain/change.ts';
import type { ConnectionKey } from '#shared/domain/connection.ts';
import type { States } from '#shared/domain/snapshot.ts';
import type { Entity, RowWrite } from '#shared/domain/versioned-row.ts';
import type { SnapshotWriter } from '#shared/use-cases/ports.ts';
import { type Pacing, realPacing, writeInBatches } from './batch-write.ts';
import { forEachOf } from './concurrency.ts';
import { changeToItem, headerToItem, rowToItem } from './item.ts';
import { connectionKeyOf } from './keys.ts';
import { leaseLost } from './refusals.ts';
import { readRows } from './rows.ts';
import { isConditionFailed, type Table } from './table.ts';

/** Puts under way at the same time: below the SDK's 50 sockets, which reads share. */
const concurrency = 32;

export function createSnapshotWriter(table: Table, pacing: Pacing = realPacing): SnapshotWriter {
  return {
    rows: (key, entity) => readRows(table, key, entity),

    async writeRows(key, entity, writes, now, signal) {
      let written = 0;
      await forEachOf(writes, concurrency, signal, async (write) => {
        await putRow(table, key, entity, write, now, signal);
        written += 1;
      });
      return written;
    },

    logChanges: (key, version, changes, now, signal) =>
      writeInBatches(table, putRequests(connectionKeyOf(key), version, changes, now), signal, pacing),

    async putHeader(key, header, expiresAt) {
      const Item = headerToItem(connectionKeyOf(key), header, expiresAt);
      await table.client.send(new PutCommand({ TableName: table.tableName, Item }));
    },
  };
}

/** @throws Failure `lease_lost` when the row is neither as it was read nor as this writer wrote it */
async function putRow<E extends Entity>(
  { client, tableName }: Table,
  key: ConnectionKey,
  entity: E,
  write: RowWrite<States[E]>,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const seen = write.seenVersion === null ? 'attribute_not_exists(#version)' : '#version = :seen';
  const put = new PutCommand({
    TableName: tableName,
    Item: rowToItem(connectionKeyOf(key), entity, write, now),
    // Our own version: the SDK sent the request again because the first answer was lost.
    ConditionExpression: `${seen} OR #version = :own`,
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: {
      ':own': write.version,
      ...(write.seenVersion !== null && { ':seen': write.seenVersion }),
    },
  });
  try {
    await client.send(put, { abortSignal: signal });
  } catch (error) {
    throw isConditionFailed(error) ? leaseLost() : error;
  }
}

function* putRequests(connectionKey: string, version: number, changes: Iterable<Change>, now: Date) {
  for (const change of changes) {
    yield { PutRequest: { Item: changeToItem(connectionKey, version, change, now) } };
  }
}
