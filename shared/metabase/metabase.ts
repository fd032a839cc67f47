import type { LookupFunction } from 'node:net';
import type { Credential } from '#shared/domain/connection.ts';
import type { Clock, Metabase } from '#shared/use-cases/ports.ts';
import type { AddressPolicy } from './address-policy.ts';
import { type Client, createClient } from './client.ts';
import { createHttpGet } from './http.ts';
import { proveAdminRights, readInstance } from './read-instance.ts';
import { redactKey } from './redact-key.ts';
import { patience, type RetryOptions } from './retry.ts';

export interface MetabaseOptions extends Partial<RetryOptions> {
  /** `public` unless said otherwise. */
  readonly addressPolicy?: AddressPolicy;
  /** Accounts a page. */
  readonly pageSize?: number;
  /** For one request. */
  readonly requestTimeoutMs?: number;
  /** Of one answer, unpacked. */
  readonly maxResponseBytes?: number;
  /** Reads `Retry-After` dates. */
  readonly clock?: Clock;
  readonly lookup?: LookupFunction;
  /** Certificate authorities (PEM) to trust in place of the built-in ones. */
  readonly ca?: string;
}

/** Metabase over HTTPS. Connections are kept alive, so make it once per process. */
export function createMetabase(options: MetabaseOptions = {}): Metabase {
  const { pageSize = 2000, clock = { now: () => new Date() } } = options;
  const httpGet = createHttpGet({
    addressPolicy: 'public',
    maxResponseBytes: 64 * 2 ** 20,
    requestTimeoutMs: 30_000,
    ...options,
  });
  const clientOptions = { httpGet, patience: { ...patience, ...options }, now: () => clock.now() };

  async function withClient<T>(credential: Credential, use: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await use(createClient(clientOptions, credential));
    } catch (error) {
      throw redactKey(error, credential.apiKey);
    }
  }

  return {
    prove: (credential, signal) => withClient(credential, (client) => proveAdminRights(client, signal)),
    read: (credential, signal) => withClient(credential, (client) => readInstance(client, pageSize, signal)),
  };
}
