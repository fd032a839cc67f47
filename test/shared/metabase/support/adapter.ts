import type { Credential } from '#shared/domain/connection.ts';
import { createMetabase, type MetabaseOptions } from '#shared/metabase/metabase.ts';

/** The adapter as a test wants it: it may call the loopback interface, and waiting takes no time. */
export function createAdapter(options: MetabaseOptions = {}) {
  const delaysMs: number[] = [];
  const metabase = createMetabase({
    addressPolicy: 'private',
    random: () => 0.5,
    sleep: async (delayMs) => void delaysMs.push(delayMs),
    ...options,
  });
  const { signal } = new AbortController();
  return {
    delaysMs,
    prove: (credential: Credential) => metabase.prove(credential, signal),
    read: (credential: Credential) => metabase.read(credential, signal),
    metabase,
  };
}

/** Where the sample is, and a key for it. */
export function credentialFor(
  sample: { url: string; adminKey: string },
  apiKey = sample.adminKey,
): Credential {
  return { instanceUrl: sample.url, apiKey };
}
