import {
  type Connection,
  type ConnectionKey,
  type Credential,
  connectionIdOf,
  type SyncMessage,
} from '#shared/domain/connection.ts';
import { Failure } from '#shared/domain/errors.ts';
import { instanceUrlCandidates } from '#shared/domain/instance-url.ts';
import { nextTry } from '#shared/domain/schedule.ts';
import type { InstanceFacts } from '#shared/domain/snapshot.ts';
import type { Clock, ConnectionStore, CredentialStore, Metabase, SyncQueue } from './ports.ts';

export interface ConnectPorts {
  readonly connections: ConnectionStore;
  readonly credentials: CredentialStore;
  readonly metabase: Metabase;
  readonly queue: SyncQueue;
  readonly clock: Clock;
}

interface ConnectRequest {
  readonly tenantId: string;
  /** As pasted by a person. */
  readonly instanceUrl: string;
  readonly apiKey: string;
  readonly name?: string | undefined;
}

/**
 * Connects a tenant to an instance, or gives an existing connection a new key. Nothing is stored before the key is
 * proved, so a key that works is never replaced by one that does not.
 */
export async function connectInstance(
  ports: ConnectPorts,
  request: ConnectRequest,
  signal: AbortSignal,
): Promise<{ connection: Connection; created: boolean }> {
  const { instanceUrl, facts } = await proveFirstThatAnswers(ports.metabase, request, signal);
  const key = {
    tenantId: request.tenantId,
    connectionId: connectionIdOf(request.tenantId, instanceUrl),
  };
  return store(ports, key, { instanceUrl, apiKey: request.apiKey }, request.name ?? null, facts);
}

/** @throws Failure `not_found`, `disconnected`, or why the new key was not accepted: the old one then stays */
export async function replaceCredential(
  ports: ConnectPorts,
  key: ConnectionKey,
  apiKey: string,
  signal: AbortSignal,
): Promise<Connection> {
  const { instanceUrl, status } = await ports.connections.get(key);
  if (status === 'disconnected') {
    throw new Failure(
      'disconnected',
      'The instance is disconnected. Connect it again with its URL and a key.',
    );
  }
  const credential = { instanceUrl, apiKey };
  const facts = await ports.metabase.prove(credential, signal);
  const { connection } = await store(ports, key, credential, null, facts);
  return connection;
}

async function proveFirstThatAnswers(
  metabase: Metabase,
  { instanceUrl, apiKey }: ConnectRequest,
  signal: AbortSignal,
): Promise<{ instanceUrl: string; facts: InstanceFacts }> {
  const candidates = instanceUrlCandidates(instanceUrl);
  let first: Failure | undefined;
  for (const candidate of candidates) {
    try {
      return {
        instanceUrl: candidate,
        facts: await metabase.prove({ instanceUrl: candidate, apiKey }, signal),
      };
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'not_metabase') throw error;
      first ??= error;
    }
  }
  const others = candidates.slice(1);
  const tried = others.length > 0 ? ` Also tried: ${others.join(' and ')}.` : '';
  throw new Failure('not_metabase', `${first?.message}${tried}`, { cause: first });
}

async function store(
  { connections, credentials, queue, clock }: ConnectPorts,
  key: ConnectionKey,
  credential: Credential,
  name: string | null,
  facts: InstanceFacts,
): Promise<{ connection: Connection; created: boolean }> {
  await credentials.put(key, credential);
  const now = clock.now();
  const result = await connections.connect({
    ...key,
    ...facts,
    instanceUrl: credential.instanceUrl,
    name,
    now,
    // The message below does the first sync; the schedule repairs a message that was lost.
    nextSyncAt: nextTry(now, 1, undefined),
  });
  await queue.send([syncMessage(key, 'connect', now)]);
  return result;
}

export function syncMessage(key: ConnectionKey, trigger: SyncMessage['trigger'], now: Date): SyncMessage {
  return { tenantId: key.tenantId, connectionId: key.connectionId, trigger, requestedAt: now.toISOString() };
}
