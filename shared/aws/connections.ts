import type { Connection, ConnectionKey } from '#shared/domain/connection.ts';
import { expiresAfter } from '#shared/domain/snapshot.ts';
import type { ConnectInput, ConnectionReader, ConnectionStore } from '#shared/use-cases/ports.ts';
import {
  connectionItemKey,
  dueAttributes,
  forgottenAttributes,
  isForgotten,
  parseConnection,
  readConnection,
} from './connection-item.ts';
import { epochSeconds } from './keys.ts';
import { askedTooOften, connectionDisconnected, connectionNotFound, leaseHeld } from './refusals.ts';
import { queryItems, type Table, unchanged, updateItem, updateItemIf } from './table.ts';

/** Far longer than any sync can run. */
const forgottenDays = 30;
/** Two people and a sync at the same moment; more would mean that something is badly wrong. */
const maxTries = 3;

export function createConnectionReader(table: Table): ConnectionReader {
  return {
    get: (key) => readConnection(table, key),

    async list(tenantId) {
      const connections: Connection[] = [];
      const pages = queryItems(table, {
        KeyConditionExpression: 'tenantId = :tenantId',
        ExpressionAttributeValues: { ':tenantId': tenantId },
        ConsistentRead: true,
      });
      for await (const items of pages) {
        connections.push(...items.filter((item) => !isForgotten(item)).map(parseConnection));
      }
      return connections;
    },
  };
}

export function createConnectionStore(table: Table): ConnectionStore {
  return {
    ...createConnectionReader(table),
    connect: (input) => connect(table, input),
    disconnect: (key) => disconnect(table, key),
    forget: (key, now) => forget(table, key, now),
    requestSync: (key, now, minIntervalMs) => requestSync(table, key, now, minIntervalMs),
  };
}

async function connect(
  table: Table,
  input: ConnectInput,
): Promise<{ connection: Connection; created: boolean }> {
  const key = connectionItemKey(input);
  const set = {
    instanceUrl: input.instanceUrl,
    ...(input.name === null ? {} : { name: input.name }),
    status: 'pending',
    reason: null,
    failuresInRow: 0,
    metabaseVersion: input.metabaseVersion,
    instanceId: input.instanceId,
    credentialUpdatedAt: input.now.toISOString(),
    ...dueAttributes(input, input.nextSyncAt),
    // A forgotten connection that comes back must not expire any more.
    expiresAt: null,
  };
  const setIfAbsent = { connectedAt: input.now.toISOString(), leaseToken: 0, abandonedVersions: [] };
  const before = await updateItem(table, { key, set, setIfAbsent });
  return {
    connection: parseConnection({ ...key, ...setIfAbsent, ...before, ...set }),
    created: before === undefined || isForgotten(before),
  };
}

/** The version of a running sync stays pending, so that whoever takes the next lease abandons it. */
async function disconnect(table: Table, key: ConnectionKey): Promise<void> {
  const found = await updateItemIf(table, {
    key: connectionItemKey(key),
    set: { status: 'disconnected', reason: null, leaseExpiresAt: null, ...dueAttributes(key, null) },
    add: { leaseToken: 1 },
    condition: 'attribute_exists(#status)',
  });
  if (!found) throw connectionNotFound();
}

async function forget(table: Table, key: ConnectionKey, now: Date): Promise<void> {
  await updateItemIf(table, {
    key: connectionItemKey(key),
    set: { ...forgottenAttributes, expiresAt: epochSeconds(expiresAfter(now, forgottenDays)) },
    add: { leaseToken: 1 },
    condition: 'attribute_exists(#status)',
  });
}

async function requestSync(
  table: Table,
  key: ConnectionKey,
  now: Date,
  minIntervalMs: number,
): Promise<Connection> {
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await readConnection(table, key);
    const { status, leaseToken, leaseExpiresAt, lastRequestedAt } = seen;
    if (status === 'disconnected') throw connectionDisconnected();
    if (leaseExpiresAt !== null && Date.parse(leaseExpiresAt) > now.getTime()) {
      throw leaseHeld(leaseExpiresAt, now);
    }
    const allowedAtMs = lastRequestedAt === null ? 0 : Date.parse(lastRequestedAt) + minIntervalMs;
    if (allowedAtMs > now.getTime()) throw askedTooOften(allowedAtMs, now);

    const asked = { lastRequestedAt: now.toISOString() };
    const done = await updateItemIf(table, {
      key: connectionItemKey(key),
      set: asked,
      ...unchanged({ leaseToken, lastRequestedAt }),
    });
    if (done) return { ...seen, ...asked };
  }
  throw leaseHeld(null, now);
}
