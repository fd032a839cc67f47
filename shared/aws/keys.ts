import type { ConnectionKey } from '#shared/domain/connection.ts';
import type { Entity, EntityId } from '#shared/domain/versioned-row.ts';

/** Wide enough for any id and version; sort keys are compared as text, so numbers need leading zeros. */
const digits = 12;
const prefixes = { user: 'USER#', group: 'GROUP#', license: 'LICENSE#' } as const satisfies Record<
  Entity,
  string
>;
/** Sorts after every character that follows a `#` in a key. */
const afterAll = '~';

/** The partition of the snapshots table that holds everything about one connection. */
export function connectionKeyOf({ tenantId, connectionId }: ConnectionKey): string {
  return `${tenantId}#${connectionId}`;
}

/** The inverse of {@link connectionKeyOf}: neither part may hold a `#`. */
export function parseConnectionKey(connectionKey: string): ConnectionKey {
  const [tenantId = '', connectionId = ''] = connectionKey.split('#');
  return { tenantId, connectionId };
}

export function rowPrefix(entity: Entity): string {
  return prefixes[entity];
}

export function rowItem(entity: Entity, id: EntityId): string {
  return `${prefixes[entity]}${idPart(id)}`;
}

/** The inverse of {@link rowItem}. */
export function parseRowId(entity: Entity, item: string): EntityId {
  const id = item.slice(prefixes[entity].length);
  return entity === 'license' ? id : Number(id);
}

export function headerItem(version: number): string {
  return `SNAPSHOT#${padded(version)}`;
}

export function changeItem(version: number, entity: Entity, id: EntityId): string {
  return `CHANGE#${padded(version)}#${entity}#${idPart(id)}`;
}

/** First and last sort key of the changes after `sinceVersion` up to and including `throughVersion`. */
export function changeRange(sinceVersion: number, throughVersion: number): { from: string; to: string } {
  return {
    from: `CHANGE#${padded(sinceVersion + 1)}#`,
    to: `CHANGE#${padded(throughVersion)}#${afterAll}`,
  };
}

/** `nonce` tells apart what was asked for in the same millisecond. */
export function resyncItem(requestedAt: Date, nonce: string): string {
  return `RESYNC#${requestedAt.toISOString()}#${nonce}`;
}

export function secretName(prefix: string, { tenantId, connectionId }: ConnectionKey): string {
  return `${prefix}/${tenantId}/${connectionId}`;
}

/** The inverse of {@link secretName}; null for a secret that is none of ours. */
export function parseSecretName(prefix: string, name: string): ConnectionKey | null {
  if (!name.startsWith(`${prefix}/`)) return null;
  const [tenantId, connectionId, ...rest] = name.slice(prefix.length + 1).split('/');
  return tenantId && connectionId && rest.length === 0 ? { tenantId, connectionId } : null;
}

/** DynamoDB deletes an item some time after this attribute (`expiresAt`) has passed. */
export function epochSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

function idPart(id: EntityId): string {
  return typeof id === 'number' ? padded(id) : id;
}

function padded(number: number): string {
  return String(number).padStart(digits, '0');
}
