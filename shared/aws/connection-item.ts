import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type Connection, type ConnectionKey, connectionSchema } from '#shared/domain/connection.ts';
import { dueShardOf } from '#shared/domain/schedule.ts';
import { connectionNotFound } from './refusals.ts';
import type { Item, Table } from './table.ts';

const allNull: Item = Object.fromEntries(Object.keys(connectionSchema.shape).map((field) => [field, null]));

/** What is null in the domain is absent in the table: an attribute that an index has as key cannot be null. */
export function parseConnection(item: Item): Connection {
  return connectionSchema.parse({ ...allNull, ...item });
}

const kept = ['tenantId', 'connectionId', 'leaseToken', 'pendingVersion', 'abandonedVersions'];

/**
 * Takes away all but what keeps late writers fenced off and the next versions above the last ones. What is left is
 * an item without status, which nobody is shown and which expires.
 */
export const forgottenAttributes: Item = Object.fromEntries(
  [...Object.keys(allNull), 'dueShard']
    .filter((field) => !kept.includes(field))
    .map((field) => [field, null]),
);

export function isForgotten(item: Item): boolean {
  return item.status === undefined;
}

/** Only the key attributes, whatever else the object holds. */
export function connectionItemKey({ tenantId, connectionId }: ConnectionKey): ConnectionKey {
  return { tenantId, connectionId };
}

/** From `nextSyncAt` on the due index gives the connection; null takes it out of the index. */
export function dueAttributes({ connectionId }: ConnectionKey, nextSyncAt: Date | null): Item {
  if (nextSyncAt === null) return { nextSyncAt: null, dueShard: null };
  return { nextSyncAt: nextSyncAt.toISOString(), dueShard: dueShardOf(connectionId) };
}

/** @throws Failure `not_found` */
export async function readConnection({ client, tableName }: Table, key: ConnectionKey): Promise<Connection> {
  const { Item } = await client.send(
    new GetCommand({ TableName: tableName, Key: connectionItemKey(key), ConsistentRead: true }),
  );
  if (!Item || isForgotten(Item)) throw connectionNotFound();
  return parseConnection(Item);
}
