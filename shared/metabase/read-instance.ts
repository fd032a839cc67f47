import { Failure } from '#shared/domain/errors.ts';
import type { LicenseFacts } from '#shared/domain/license.ts';
import type { InstanceFacts, Reading } from '#shared/domain/snapshot.ts';
import type { Client } from './client.ts';
import { readUsers } from './read-users.ts';
import { type Properties, tokenStatusSchema } from './schemas.ts';
import { lacksAdminRights } from './status-failures.ts';
import { toDirectory, toTokenFacts } from './to-snapshot.ts';

/** Two calls. */
export async function proveAdminRights(client: Client, signal: AbortSignal): Promise<InstanceFacts> {
  await requireAdmin(client, signal);
  return toInstanceFacts(await client.properties(signal));
}

/**
 * Four calls, one more for every further page of users, and one for the token where the settings do not show it. That
 * the key still has administrator rights shows in the answers: nobody else sees memberships and all columns of users.
 */
export async function readInstance(client: Client, pageSize: number, signal: AbortSignal): Promise<Reading> {
  const properties = await client.properties(signal);
  const lists = await readLists(client, properties, pageSize, signal).catch(async (error) => {
    throw await explain(error, client, signal);
  });
  return { ...toInstanceFacts(properties), ...lists, ...client.meter };
}

async function requireAdmin(client: Client, signal: AbortSignal): Promise<void> {
  const { is_superuser } = await client.currentUser(signal);
  if (!is_superuser) throw lacksAdminRights();
}

/** Side by side, few at a time: Metabase answers with 50 threads. The first failure ends the others. */
async function readLists(client: Client, properties: Properties, pageSize: number, signal: AbortSignal) {
  const others = new AbortController();
  const both = AbortSignal.any([signal, others.signal]);
  const directory = readDirectory(client, both);
  const reading = [
    directory,
    readUsers(client, { pageSize, directory }, both),
    readLicense(client, properties, both),
  ] as const;
  try {
    const [{ groups }, users, licenseFacts] = await Promise.all(reading);
    return { users, groups, licenseFacts };
  } catch (error) {
    others.abort();
    await Promise.allSettled(reading);
    throw error;
  }
}

async function readDirectory(client: Client, signal: AbortSignal) {
  const [groups, memberships] = await Promise.all([client.groups(signal), client.memberships(signal)]);
  return toDirectory(groups, memberships);
}

/** The license never fails a sync. */
async function readLicense(
  client: Client,
  properties: Properties,
  signal: AbortSignal,
): Promise<LicenseFacts> {
  return {
    token: await readToken(client, properties, signal),
    hosted: properties['is-hosted?'] ?? null,
    activeUsersCount: properties['active-users-count'] ?? null,
  };
}

async function readToken(
  client: Client,
  properties: Properties,
  signal: AbortSignal,
): Promise<LicenseFacts['token']> {
  try {
    const token =
      'token-status' in properties
        ? tokenStatusSchema.nullable().parse(properties['token-status'])
        : await client.tokenStatus(signal);
    return token === null ? 'none' : toTokenFacts(token);
  } catch (error) {
    if (signal.aborted) throw error;
    return 'unreadable';
  }
}

/**
 * A key that lost its group between two calls gets 403, or rows with fewer columns; asking who it is tells that from
 * an answer that nobody understands.
 */
async function explain(error: unknown, client: Client, signal: AbortSignal): Promise<unknown> {
  const isSuspect =
    error instanceof Failure && (error.code === 'response_invalid' || error.code === 'admin_rights_missing');
  if (!isSuspect || signal.aborted) return error;
  return requireAdmin(client, signal).then(
    () => error,
    (reason) => (isAboutTheKey(reason) ? reason : error),
  );
}

function isAboutTheKey(error: unknown): boolean {
  return (
    error instanceof Failure &&
    (error.code === 'admin_rights_missing' || error.code === 'credentials_rejected')
  );
}

function toInstanceFacts(properties: Properties): InstanceFacts {
  return { metabaseVersion: properties.version?.tag ?? null, instanceId: properties['site-uuid'] ?? null };
}
