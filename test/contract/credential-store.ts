import { beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionKey } from '#shared/domain/connection.ts';
import type { CredentialStore } from '#shared/use-cases/ports.ts';
import { instanceUrl, key, otherKey } from './examples.ts';
import { failureCode } from './sync.ts';

export interface CredentialPorts {
  readonly credentials: CredentialStore;
  /** Something that is different after every write of the secret. */
  lastWrite(key: ConnectionKey): Promise<unknown>;
}

/** What every CredentialStore guarantees. */
export function describeCredentialStore(name: string, makePorts: () => Promise<CredentialPorts>): void {
  describe(`the credential store ${name}`, () => {
    let ports: CredentialPorts;
    beforeEach(async () => {
      ports = await makePorts();
    });

    const first = { instanceUrl, apiKey: 'mb_first-key-of-this-tenant' };
    const second = { instanceUrl, apiKey: 'mb_second-key-of-this-tenant' };

    it('gives back what was put, for each connection its own', async () => {
      await ports.credentials.put(key, first);
      await ports.credentials.put(otherKey, second);
      expect(await ports.credentials.get(key)).toEqual(first);
      expect(await ports.credentials.get(otherKey)).toEqual(second);
    });

    it('replaces a key', async () => {
      await ports.credentials.put(key, first);
      await ports.credentials.put(key, second);
      expect(await ports.credentials.get(key)).toEqual(second);
    });

    it('does not write the same value again', async () => {
      await ports.credentials.put(key, first);
      const written = await ports.lastWrite(key);
      await ports.credentials.put(key, { ...first });
      expect(await ports.lastWrite(key)).toEqual(written);
      await ports.credentials.put(key, second);
      expect(await ports.lastWrite(key)).not.toEqual(written);
    });

    it('says what to do when there is no key', async () => {
      await expect(ports.credentials.get(key)).rejects.toMatchObject({
        code: 'credentials_missing',
        message: expect.stringMatching(/replace the key|connect .* again/i),
      });
    });

    it('forgets a deleted key', async () => {
      await ports.credentials.put(key, first);
      await ports.credentials.delete(key);
      expect(await failureCode(ports.credentials.get(key))).toBe('credentials_missing');
    });

    it('may delete twice, and what was never there', async () => {
      await ports.credentials.delete(key);
      await ports.credentials.put(key, first);
      await ports.credentials.delete(key);
      await ports.credentials.delete(key);
      expect(await failureCode(ports.credentials.get(key))).toBe('credentials_missing');
    });

    it.each([
      ['the same key', first],
      ['a new key', second],
    ])('takes %s while the deleted one waits for its deletion', async (_, credential) => {
      await ports.credentials.put(key, first);
      await ports.credentials.delete(key);
      await ports.credentials.put(key, credential);
      expect(await ports.credentials.get(key)).toEqual(credential);
    });
  });
}
