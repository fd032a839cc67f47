import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSecretsClient } from '#shared/aws/clients.ts';
import { createCredentialStore } from '#shared/aws/credentials.ts';
import { instanceUrl, key } from '#test/contract/examples.ts';

const secrets = mockClient(SecretsManagerClient);
const credential = { instanceUrl, apiKey: 'mb_a-key-that-nobody-may-see' };
const store = createCredentialStore({
  client: createSecretsClient({ region: 'eu-central-1' }),
  prefix: 'sync',
  kmsKeyId: 'alias/sync',
});
const name = `sync/${key.tenantId}/${key.connectionId}`;
const details = { $metadata: {}, message: '' };
const notFound = new ResourceNotFoundException(details);
const invalid = (message: string) => new InvalidRequestException({ $metadata: {}, message });

describe('the credential store on Secrets Manager', () => {
  beforeEach(() => secrets.reset());

  it('creates a secret under the customer-managed key, tagged with whose it is', async () => {
    secrets.on(GetSecretValueCommand).rejects(notFound);
    await store.put(key, credential);
    expect(secrets.commandCalls(CreateSecretCommand)[0]?.args[0].input).toEqual({
      Name: name,
      SecretString: JSON.stringify(credential),
      KmsKeyId: 'alias/sync',
      Tags: [
        { Key: 'tenantId', Value: key.tenantId },
        { Key: 'connectionId', Value: key.connectionId },
      ],
    });
  });

  it('replaces the value of a secret that another request created a moment ago', async () => {
    secrets.on(GetSecretValueCommand).rejects(notFound);
    secrets.on(CreateSecretCommand).rejects(new ResourceExistsException(details));
    await store.put(key, credential);
    expect(secrets.commandCalls(PutSecretValueCommand)[0]?.args[0].input).toMatchObject({
      SecretId: name,
      SecretString: JSON.stringify(credential),
    });
  });

  it('restores a secret that waits for its deletion before it writes', async () => {
    secrets.on(GetSecretValueCommand).rejects(invalid("You can't do this: it was marked for deletion."));
    await store.put(key, credential);
    const sent = secrets.calls().map(({ args }) => args[0].constructor);
    expect(sent).toEqual([GetSecretValueCommand, RestoreSecretCommand, PutSecretValueCommand]);
  });

  it('deletes with time to undo it', async () => {
    await store.delete(key);
    expect(secrets.commandCalls(DeleteSecretCommand)[0]?.args[0].input).toEqual({
      SecretId: name,
      RecoveryWindowInDays: 7,
    });
  });

  it('does not claim to have deleted what Secrets Manager refused to delete', async () => {
    secrets
      .on(DeleteSecretCommand)
      .rejects(invalid("You can't delete a secret that still has replica regions."));
    await expect(store.delete(key)).rejects.toThrow('replica');
  });

  it('passes on what it does not understand', async () => {
    secrets.on(GetSecretValueCommand).rejects(new Error('AccessDeniedException'));
    await expect(store.get(key)).rejects.toThrow('AccessDeniedException');
    await expect(store.put(key, credential)).rejects.toThrow('AccessDeniedException');
  });

  it.each([
    ['is cut off', '{"apiKey":"mb_a-key-that-nobody-may-see'],
    ['has another shape', '{"key":"mb_a-key-that-nobody-may-see"}'],
    ['is empty', ''],
  ])('asks for a new key, without a word of the old one, when the secret %s', async (_, SecretString) => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString });
    const error = await store.get(key).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'credentials_missing' });
    expect(error).not.toHaveProperty('cause');
    expect(String((error as Error).stack)).not.toContain('nobody-may-see');
  });
});
