import * as z from 'zod';
import type { Change } from '#shared/domain/change.ts';
import { groupSchema } from '#shared/domain/group.ts';
import { licenseSchema } from '#shared/domain/license.ts';
import { expiresAfter, type Header, retentionDays, type States } from '#shared/domain/snapshot.ts';
import { userSchema } from '#shared/domain/user.ts';
import type { Entity, Row, Versioned } from '#shared/domain/versioned-row.ts';
import { changeItem, epochSeconds, headerItem, parseRowId, rowItem } from './keys.ts';
import type { Item } from './table.ts';

type State<E extends Entity> = States[E];

/** The name under which the id stands in the item: other teams should not have to guess what an `id` is. */
const idAttributes = { user: 'userId', group: 'groupId', license: 'licenseId' } as const;
const idFields = { user: 'id', group: 'id', license: 'licenseId' } as const;
const stateSchemas: { readonly [E in Entity]: z.ZodType<State<E>> } = {
  user: userSchema,
  group: groupSchema,
  license: licenseSchema,
};

const versionedSchema = z.object({ version: z.int(), removed: z.boolean().optional() });
const rowSchema = z.object({ item: z.string(), previous: z.looseObject({}).nullable() });

/** A row as attributes. A row without a state stays as a tombstone until nobody can be reading it any more. */
export function rowToItem<E extends Entity>(
  connectionKey: string,
  entity: E,
  row: Row<State<E>>,
  now: Date,
): Item {
  return {
    connectionKey,
    item: rowItem(entity, row.id),
    ...versionedToItem(entity, row),
    previous: row.previous === null ? null : versionedToItem(entity, row.previous),
    updatedAt: now.toISOString(),
    ...(row.state === null && { expiresAt: epochSeconds(expiresAfter(now, retentionDays.tombstone)) }),
  };
}

/** @throws ZodError when another program wrote something else into the row */
export function itemToRow<E extends Entity>(entity: E, item: Item): Row<State<E>> {
  const { item: sortKey, previous } = rowSchema.parse(item);
  return {
    id: parseRowId(entity, sortKey),
    ...itemToVersioned(entity, item),
    previous: previous === null ? null : itemToVersioned(entity, previous),
  };
}

function versionedToItem<E extends Entity>(entity: E, { version, state }: Versioned<State<E>>): Item {
  if (state === null) return { version, removed: true };
  const { [idFields[entity]]: id, ...fields }: Item = state;
  return { version, [idAttributes[entity]]: id, ...fields };
}

function itemToVersioned<E extends Entity>(entity: E, item: Item): Versioned<State<E>> {
  const { version, removed } = versionedSchema.parse(item);
  if (removed) return { version, state: null };
  const id = item[idAttributes[entity]];
  return { version, state: stateSchemas[entity].parse({ ...item, [idFields[entity]]: id }) };
}

const changeSchema = z.object({
  version: z.int(),
  entity: z.enum(['user', 'group', 'license']),
  id: z.union([z.number(), z.string()]),
  kinds: z.array(z.string()),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
});

export function changeToItem(connectionKey: string, version: number, change: Change, now: Date): Item {
  const { entity, id, kinds, before, after } = change;
  return {
    connectionKey,
    item: changeItem(version, entity, id),
    ...{ version, entity, id, kinds, before, after },
    at: now.toISOString(),
    expiresAt: epochSeconds(expiresAfter(now, retentionDays.change)),
  };
}

export function itemToChange(item: Item): Change & { readonly version: number } {
  // Kinds of a newer program are passed on: an unknown event is better than an unreadable log.
  return changeSchema.parse(item) as Change & { readonly version: number };
}

export function headerToItem(connectionKey: string, header: Header, expiresAt: Date): Item {
  return {
    connectionKey,
    item: headerItem(header.version),
    ...header,
    expiresAt: epochSeconds(expiresAt),
  };
}
