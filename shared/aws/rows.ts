import type { ConnectionKey } from '#shared/domain/connection.ts';
import type { States } from '#shared/domain/snapshot.ts';
import type { Entity, EntityId, Row } from '#shared/domain/versioned-row.ts';
import { itemToRow } from './item.ts';
import { connectionKeyOf, rowItem, rowPrefix } from './keys.ts';
import { queryItems, type Table } from './table.ts';

interface RowsQuery {
  /** Starts behind the row with this id. */
  readonly after?: EntityId | undefined;
  /** Rows in one page; by default as many as DynamoDB puts into 1 MB. */
  readonly pageSize?: number | undefined;
}

/**
 * Stored rows of one entity, ordered by id. Consistent reads, because the rule of `visible` relies on it: a stale
 * copy of a row that a published version wrote would pass for the current one.
 */
export async function* readRows<E extends Entity>(
  table: Table,
  key: ConnectionKey,
  entity: E,
  { after, pageSize }: RowsQuery = {},
): AsyncGenerator<Row<States[E]>> {
  const connectionKey = connectionKeyOf(key);
  const pages = queryItems(table, {
    KeyConditionExpression: 'connectionKey = :connectionKey AND begins_with(#item, :prefix)',
    ExpressionAttributeNames: { '#item': 'item' },
    ExpressionAttributeValues: { ':connectionKey': connectionKey, ':prefix': rowPrefix(entity) },
    ConsistentRead: true,
    ExclusiveStartKey: after === undefined ? undefined : { connectionKey, item: rowItem(entity, after) },
    Limit: pageSize,
  });
  for await (const items of pages) for (const item of items) yield itemToRow(entity, item);
}
