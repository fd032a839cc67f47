import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  RestoreSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type ConnectionKey, type Credential, credentialSchema } from '#shared/domain/connection.ts';
import type { CredentialStore } from '#shared/use-cases/ports.ts';
import { secretName } from './keys.ts';
import { credentialsMissing } from './refusals.ts';

/** The shortest that Secrets Manager offers: time to undo a mistake, no longer than needed for a key to linger. */
const recoveryWindowDays = 7;

interface CredentialStoreOptions {
  readonly client: SecretsManagerClient;
  /** Secrets are named `<prefix>/<tenantId>/<connectionId>`. */
  readonly prefix: string;
  /** Without it, Secrets Manager encrypts with the account's own key. Needed by those who put, not to read. */
  readonly kmsKeyId?: string | undefined;
}

export function createCredentialStore(options: CredentialStoreOptions): CredentialStore {
  const { client, prefix } = options;
  return {
    async get(key) {
      const value = await readSecret(client, secretName(prefix, key));
      if (typeof value !== 'string') throw credentialsMissing();
      return parseCredential(value);
    },

    put: (key, credential) => putCredential(options, key, credential),

    async delete(key) {
      try {
        await client.send(
          new DeleteSecretCommand({
            SecretId: secretName(prefix, key),
            RecoveryWindowInDays: recoveryWindowDays,
          }),
        );
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException) && !isDeleted(error)) throw error;
      }
    },
  };
}

async function putCredential(
  { client, prefix, kmsKeyId }: CredentialStoreOptions,
  key: ConnectionKey,
  { instanceUrl, apiKey }: Credential,
): Promise<void> {
  const SecretId = secretName(prefix, key);
  const SecretString = JSON.stringify({ instanceUrl, apiKey });
  const stored = await readSecret(client, SecretId);
  if (stored === SecretString) return;
  if (stored === absent) {
    const created = await createSecret(client, {
      Name: SecretId,
      SecretString,
      KmsKeyId: kmsKeyId,
      Tags: Object.entries({ tenantId: key.tenantId, connectionId: key.connectionId }).map(
        ([Key, Value]) => ({
          Key,
          Value,
        }),
      ),
    });
    if (created) return;
  }
  if (stored === deleted) await client.send(new RestoreSecretCommand({ SecretId }));
  await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
}

const absent = Symbol('absent');
const deleted = Symbol('deleted');

/** The value, or why there is none: a secret that waits for its deletion must be restored, not created. */
async function readSecret(
  client: SecretsManagerClient,
  SecretId: string,
): Promise<string | typeof absent | typeof deleted> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    return SecretString ?? '';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return absent;
    if (isDeleted(error)) return deleted;
    throw error;
  }
}

/** Says whether it did: the name may exist without a value, or have been created a moment ago. */
async function createSecret(
  client: SecretsManagerClient,
  input: ConstructorParameters<typeof CreateSecretCommand>[0],
): Promise<boolean> {
  try {
    await client.send(new CreateSecretCommand(input));
    return true;
  } catch (error) {
    if (error instanceof ResourceExistsException) return false;
    throw error;
  }
}

/** Secrets Manager has no error of its own for this; others of the same type must not be taken for it. */
function isDeleted(error: unknown): boolean {
  return error instanceof InvalidRequestException && /(marked|scheduled) for deletion/i.test(error.message);
}

/** Drops what the parsers say: their messages quote the text, and the text holds the key. */
function parseCredential(text: string): Credential {
  try {
    return credentialSchema.parse(JSON.parse(text));
  } catch {
    throw credentialsMissing();
  }
}
