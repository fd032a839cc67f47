import { randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod';

const secretSchema = z.object({
  name: z.string(),
  arn: z.string(),
  kmsKeyId: z.string().optional(),
  description: z.string().optional(),
  versionId: z.string(),
  value: z.string(),
  createdAt: z.number(),
  changedAt: z.number(),
  /** When the name becomes free again; null while the secret is in use. Seconds since the epoch, as the others. */
  deletedAt: z.number().nullable(),
});
export const secretsSchema = z.record(z.string(), secretSchema);
export type Secrets = z.infer<typeof secretsSchema>;
type Secret = z.infer<typeof secretSchema>;

/** An error as AWS names it: https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html */
export class SecretsError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

const requestSchema = z.object({
  Name: z.string().optional(),
  SecretId: z.string().optional(),
  SecretString: z.string().optional(),
  ClientRequestToken: z.string().optional(),
  KmsKeyId: z.string().optional(),
  Description: z.string().optional(),
  RecoveryWindowInDays: z.number().optional(),
  ForceDeleteWithoutRecovery: z.boolean().optional(),
});
type Request = z.infer<typeof requestSchema>;
type Answer = Record<string, unknown>;

/** One operation on the secrets, which it changes in place. @throws SecretsError */
export function operateSecrets(secrets: Secrets, operation: string, body: unknown, now: Date): Answer {
  const request = requestSchema.safeParse(body);
  if (!request.success)
    throw new SecretsError('InvalidParameterException', 'A parameter has the wrong type.');
  const nowSeconds = now.getTime() / 1000;
  for (const { name, deletedAt } of Object.values(secrets)) {
    if (deletedAt !== null && deletedAt <= nowSeconds) delete secrets[name];
  }
  const operate = operations[operation];
  if (!operate)
    throw new SecretsError('UnknownOperationException', `${operation} is not built into the local run.`);
  return operate(secrets, request.data, nowSeconds);
}

const operations: Record<string, (secrets: Secrets, request: Request, now: number) => Answer> = {
  CreateSecret(secrets, request, now) {
    const { Name: name = '', SecretString: value = '' } = request;
    if (!/^[\w/+=.@-]{1,512}$/.test(name)) {
      throw new SecretsError(
        'ValidationException',
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      );
    }
    const existing = secrets[name];
    if (existing && existing.deletedAt !== null) {
      throw new SecretsError(
        'InvalidRequestException',
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    if (existing) {
      throw new SecretsError(
        'ResourceExistsException',
        `The operation failed because the secret ${name} already exists.`,
      );
    }
    const secret: Secret = {
      name,
      arn: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-${randomBytes(3).toString('hex')}`,
      kmsKeyId: request.KmsKeyId,
      description: request.Description,
      versionId: request.ClientRequestToken ?? randomUUID(),
      value,
      createdAt: now,
      changedAt: now,
      deletedAt: null,
    };
    secrets[name] = secret;
    return { ...identity(secret), VersionId: secret.versionId };
  },

  GetSecretValue(secrets, request) {
    const secret = findUsable(secrets, request);
    return {
      ...identity(secret),
      VersionId: secret.versionId,
      SecretString: secret.value,
      VersionStages: ['AWSCURRENT'],
      CreatedDate: secret.changedAt,
    };
  },

  PutSecretValue(secrets, request, now) {
    const secret = findUsable(secrets, request);
    secret.value = request.SecretString ?? '';
    secret.versionId = request.ClientRequestToken ?? randomUUID();
    secret.changedAt = now;
    return { ...identity(secret), VersionId: secret.versionId, VersionStages: ['AWSCURRENT'] };
  },

  DeleteSecret(secrets, request, now) {
    const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false } = request;
    if (force && days !== undefined) {
      throw new SecretsError(
        'InvalidParameterException',
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      );
    }
    if (days !== undefined && (days < 7 || days > 30)) {
      throw new SecretsError(
        'InvalidParameterException',
        'RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
      );
    }
    if (force) {
      // Forced deletion of what is not there is no error.
      const secret = lookUp(secrets, request);
      if (secret) delete secrets[secret.name];
      return { ...(secret ? identity(secret) : { Name: request.SecretId }), DeletionDate: now };
    }
    const secret = findUsable(secrets, request);
    secret.deletedAt = now + (days ?? 30) * 24 * 60 * 60;
    return { ...identity(secret), DeletionDate: secret.deletedAt };
  },

  RestoreSecret(secrets, request) {
    const secret = find(secrets, request);
    secret.deletedAt = null;
    return identity(secret);
  },

  DescribeSecret(secrets, request) {
    const secret = find(secrets, request);
    return {
      ...identity(secret),
      Description: secret.description,
      KmsKeyId: secret.kmsKeyId,
      CreatedDate: secret.createdAt,
      LastChangedDate: secret.changedAt,
      DeletedDate: secret.deletedAt ?? undefined,
      VersionIdsToStages: { [secret.versionId]: ['AWSCURRENT'] },
    };
  },
};

function identity({ arn, name }: Secret): Answer {
  return { ARN: arn, Name: name };
}

function lookUp(secrets: Secrets, { SecretId: id }: Request): Secret | undefined {
  return Object.values(secrets).find(({ name, arn }) => name === id || arn === id);
}

function find(secrets: Secrets, request: Request): Secret {
  const secret = lookUp(secrets, request);
  if (!secret) {
    throw new SecretsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  return secret;
}

function findUsable(secrets: Secrets, request: Request): Secret {
  const secret = find(secrets, request);
  if (secret.deletedAt !== null) {
    throw new SecretsError(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  return secret;
}
