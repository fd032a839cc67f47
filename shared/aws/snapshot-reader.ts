import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { ConnectionKey } from '#shared/domain/connection.ts';
import { type Header, headerSchema, type States } from '#shared/domain/snapshot.ts';
import type { User } from '#shared/domain/user.ts';
import { type Entity, isPublished, nothing, type View, visible } from '#shared/domain/versioned-row.ts';
import type { SnapshotReader, UserQuery } from '#shared/use-cases/ports.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { itemToChange } from './item.ts';
import { changeRange, connectionKeyOf, headerItem } from './keys.ts';
import { readRows } from './rows.ts';
import { queryItems, type Table } from './table.ts';

/** Rows to read at once where a filter lets only some through. */
const filteredPageSize = 500;

export function createSnapshotReader(table: Table): SnapshotReader {
  return {
    users: (key, view, query) => readUsers(table, key, view, query),
    groups: (key, view) => readAll(table, key, 'group', view),
    licenses: (key, view) => readAll(table, key, 'license', view),
    header: (key, version) => readHeader(table, key, version),
    changes: (key, view, sinceVersion) => readChanges(table, key, view, sinceVersion),
  };
}

async function readUsers(table: Table, key: ConnectionKey, view: View, query: UserQuery) {
  const { status, role, limit } = query;
  const cursor = query.cursor === undefined ? null : decodeCursor(query.cursor, view);
  const version = cursor?.version ?? view.publishedVersion ?? nothing.version;
  const pinned = { ...view, publishedVersion: cursor?.version ?? view.publishedVersion };
  // One more than asked for tells whether there is another page.
  const pageSize = status === undefined && role === undefined ? limit + 1 : filteredPageSize;

  const users: User[] = [];
  for await (const row of readRows(table, key, 'user', { after: cursor?.after, pageSize })) {
    const last = users[limit - 1];
    if (last) return { users, version, cursor: encodeCursor({ after: last.id, version }) };
    const { state } = visible(row, pinned);
    if (state && (status ?? state.status) === state.status && (role ?? state.role) === state.role) {
      users.push(state);
    }
  }
  return { users, version, cursor: null };
}

async function readAll<E extends Entity>(
  table: Table,
  key: ConnectionKey,
  entity: E,
  view: View,
): Promise<States[E][]> {
  const states: States[E][] = [];
  for await (const row of readRows(table, key, entity)) {
    const { state } = visible(row, view);
    if (state !== null) states.push(state);
  }
  return states;
}

async function readHeader(
  { client, tableName }: Table,
  key: ConnectionKey,
  version: number,
): Promise<Header | null> {
  const { Item } = await client.send(
    new GetCommand({
      TableName: tableName,
      Key: { connectionKey: connectionKeyOf(key), item: headerItem(version) },
      ConsistentRead: true,
    }),
  );
  return Item ? headerSchema.parse(Item) : null;
}

async function* readChanges(table: Table, key: ConnectionKey, view: View, sinceVersion: number) {
  const through = view.publishedVersion ?? nothing.version;
  if (through <= sinceVersion) return;
  const { from, to } = changeRange(sinceVersion, through);
  const pages = queryItems(table, {
    KeyConditionExpression: 'connectionKey = :connectionKey AND #item BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#item': 'item' },
    ExpressionAttributeValues: { ':connectionKey': connectionKeyOf(key), ':from': from, ':to': to },
    ScanIndexForward: false,
    ConsistentRead: true,
  });
  for await (const items of pages) {
    for (const change of items.map(itemToChange)) if (isPublished(change.version, view)) yield change;
  }
}
