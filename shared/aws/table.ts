import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  type NativeAttributeValue,
  paginateQuery,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

/** One DynamoDB table, and the client to reach it. */
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

export type Item = Record<string, NativeAttributeValue>;

/** In expressions, `#name` stands for the attribute `name` and `:name` for the value given in `values`. */
export interface ItemUpdate {
  readonly key: Item;
  /** New values by attribute; null takes the attribute away. */
  readonly set: Item;
  readonly setIfAbsent?: Item;
  readonly add?: Record<string, number>;
  readonly condition?: string;
  readonly values?: Item;
}

/**
 * Updates one item, or creates it. Gives the item as it was before, undefined where there was none.
 *
 * @throws ConditionalCheckFailedException
 */
export async function updateItem(
  { client, tableName }: Table,
  update: ItemUpdate,
): Promise<Item | undefined> {
  const { key, set, setIfAbsent = {}, add = {}, condition, values = {} } = update;
  const assigned = Object.entries(set).filter(([, value]) => value !== null);
  const removed = Object.keys(set).filter((name) => set[name] === null);
  const UpdateExpression = [
    clause('SET', [
      ...assigned.map(([name]) => `#${name} = :new_${name}`),
      ...Object.keys(setIfAbsent).map((name) => `#${name} = if_not_exists(#${name}, :new_${name})`),
    ]),
    clause(
      'REMOVE',
      removed.map((name) => `#${name}`),
    ),
    clause(
      'ADD',
      Object.keys(add).map((name) => `#${name} :new_${name}`),
    ),
  ].join('');
  const newValues = [...assigned, ...Object.entries(setIfAbsent), ...Object.entries(add)];
  const { Attributes } = await client.send(
    new UpdateCommand({
      TableName: tableName,
      Key: key,
      UpdateExpression,
      ConditionExpression: condition,
      ExpressionAttributeNames: namesIn(`${UpdateExpression} ${condition ?? ''}`),
      ExpressionAttributeValues: {
        ...Object.fromEntries(newValues.map(([name, value]) => [`:new_${name}`, value])),
        ...values,
      },
      ReturnValues: 'ALL_OLD',
    }),
  );
  return Attributes;
}

/** As {@link updateItem}; says whether the condition held. */
export async function updateItemIf(
  table: Table,
  update: ItemUpdate & { readonly condition: string },
): Promise<boolean> {
  try {
    await updateItem(table, update);
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
}

/** The condition that attributes still are as they were read; null: that they still are not there. */
export function unchanged(seen: Item): { condition: string; values: Item } {
  const attributes = Object.entries(seen);
  return {
    condition: attributes
      .map(([name, value]) =>
        value === null ? `attribute_not_exists(#${name})` : `#${name} = :seen_${name}`,
      )
      .join(' AND '),
    values: Object.fromEntries(
      attributes.filter(([, value]) => value !== null).map(([name, value]) => [`:seen_${name}`, value]),
    ),
  };
}

export function isConditionFailed(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}

/** The items that a query finds, page by page, each page when it is asked for. */
export async function* queryItems(
  { client, tableName }: Table,
  query: Omit<QueryCommandInput, 'TableName'>,
  signal?: AbortSignal,
): AsyncGenerator<Item[]> {
  const pages = paginateQuery({ client }, { ...query, TableName: tableName }, { abortSignal: signal });
  for await (const { Items = [] } of pages) if (Items.length > 0) yield Items;
}

function clause(keyword: string, parts: string[]): string {
  return parts.length === 0 ? '' : `${keyword} ${parts.join(', ')} `;
}

/** Placeholders for all names, because many of ours (`name`, `status`, `groups` …) are reserved words. */
function namesIn(expression: string): Record<string, string> {
  const names = [...expression.matchAll(/#(\w+)/g)].map(([placeholder, name = '']) => [placeholder, name]);
  return Object.fromEntries(names);
}
