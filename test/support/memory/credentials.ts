import { credentialsMissing } from '#shared/aws/refusals.ts';
import type { CredentialStore } from '#shared/use-cases/ports.ts';
import { type MemoryState, textKey } from './state.ts';

export function createMemoryCredentials({ secrets }: MemoryState): CredentialStore {
  return {
    async get(key) {
      const secret = secrets.get(textKey(key));
      if (!secret || secret.deleted) throw credentialsMissing();
      return { ...secret.credential };
    },

    async put(key, { instanceUrl, apiKey }) {
      const stored = secrets.get(textKey(key));
      const same = stored?.credential.instanceUrl === instanceUrl && stored.credential.apiKey === apiKey;
      if (same && !stored.deleted) return;
      const writes = (stored?.writes ?? 0) + 1;
      secrets.set(textKey(key), { credential: { instanceUrl, apiKey }, deleted: false, writes });
    },

    async delete(key) {
      const secret = secrets.get(textKey(key));
      if (secret) secret.deleted = true;
    },
  };
}
