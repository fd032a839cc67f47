import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SecretsManagerOptions, startSecretsManager } from '../../../infra/local/secrets-manager.ts';

const day = 24 * 60 * 60 * 1000;
const name = 'metabase-sync/acme/0123';
let closers: (() => Promise<void> | void)[] = [];
let now = new Date('2026-09-01T10:00:00Z');
let folder: string;

async function start(options: SecretsManagerOptions = {}): Promise<SecretsManagerClient> {
  const server = await startSecretsManager({ now: () => now, ...options });
  closers.push(server.close);
  return clientOf(server.url);
}

function clientOf(endpoint: string, accessKeyId = 'local'): SecretsManagerClient {
  const credentials = { accessKeyId, secretAccessKey: 'local' };
  const client = new SecretsManagerClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  closers.unshift(() => client.destroy());
  return client;
}

const create = (SecretString: string) => new CreateSecretCommand({ Name: name, SecretString });
const get = () => new GetSecretValueCommand({ SecretId: name });

beforeEach(() => {
  now = new Date('2026-09-01T10:00:00Z');
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(async () => {
  for (const close of closers) await close();
  closers = [];
  rmSync(folder, { recursive: true });
});

describe('the local Secrets Manager', () => {
  test('gives back the newest value', async () => {
    const client = await start();
    await client.send(create('first'));
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'second' }));
    expect(await client.send(get())).toMatchObject({ Name: name, SecretString: 'second' });
  });

  test('finds a secret by its ARN, too', async () => {
    const client = await start();
    const { ARN } = await client.send(create('value'));
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: ARN }));
    expect(SecretString).toBe('value');
  });

  test('refuses a name that is taken', async () => {
    const client = await start();
    await client.send(create('first'));
    await expect(client.send(create('second'))).rejects.toMatchObject({ name: 'ResourceExistsException' });
    expect((await client.send(get())).SecretString).toBe('first');
  });

  test('does not find what was never created', async () => {
    const client = await start();
    for (const command of [
      get(),
      new PutSecretValueCommand({ SecretId: name, SecretString: 'x' }),
      new DeleteSecretCommand({ SecretId: name }),
      new RestoreSecretCommand({ SecretId: name }),
      new DescribeSecretCommand({ SecretId: name }),
    ] as GetSecretValueCommand[]) {
      await expect(client.send(command)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    }
  });

  test('keeps the name of a deleted secret for the recovery window', async () => {
    const client = await start();
    await client.send(create('value'));
    await client.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));

    await expect(client.send(create('again'))).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message:
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
    await expect(client.send(get())).rejects.toMatchObject({ name: 'InvalidRequestException' });
    const put = new PutSecretValueCommand({ SecretId: name, SecretString: 'x' });
    await expect(client.send(put)).rejects.toMatchObject({ name: 'InvalidRequestException' });
    const described = await client.send(new DescribeSecretCommand({ SecretId: name }));
    expect(described.DeletedDate).toEqual(new Date(now.getTime() + 7 * day));

    now = new Date(now.getTime() + 7 * day);
    await client.send(create('again'));
    expect((await client.send(get())).SecretString).toBe('again');
  });

  test('restores a deleted secret with its value', async () => {
    const client = await start();
    await client.send(create('value'));
    await client.send(new DeleteSecretCommand({ SecretId: name }));
    await client.send(new RestoreSecretCommand({ SecretId: name }));
    expect((await client.send(get())).SecretString).toBe('value');
  });

  test('frees the name at once when deletion is forced, and forgives forcing twice', async () => {
    const client = await start();
    await client.send(create('value'));
    const force = new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true });
    await client.send(force);
    await client.send(force);
    await expect(client.send(get())).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await client.send(create('again'));
  });

  test('keeps the secrets of the last run in a file that only the owner reads', async () => {
    const dataFile = join(folder, 'data', 'secrets.json');
    await (await start({ dataFile })).send(create('kept'));
    expect(statSync(dataFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(dataFile, 'utf8')).toContain('kept');
    expect((await (await start({ dataFile })).send(get())).SecretString).toBe('kept');
  });

  test('refuses programs that do not have the access key of this run', async () => {
    const server = await startSecretsManager({ accessKeyId: 'THIS-RUN' });
    closers.push(server.close);
    await clientOf(server.url, 'THIS-RUN').send(create('value'));
    await expect(clientOf(server.url, 'OTHER').send(get())).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  test('refuses what a web page could send', async () => {
    const server = await startSecretsManager();
    closers.push(server.close);
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue', 'content-type': 'text/plain' },
      body: JSON.stringify({ SecretId: name }),
    });
    expect(response.status).toBe(400);
  });
});
