import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * Adaptive: a throttled client slows down instead of asking harder. The time limits turn a dead socket into a
 * retry within seconds, not within the minutes that the SDK allows.
 */
const patience = {
  maxAttempts: 6,
  retryMode: 'adaptive',
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

/**
 * Each client is made once per cold start, by the function that needs it; none connects before its first request.
 * Region, credentials and endpoint come from the environment (`AWS_ENDPOINT_URL_*`), unless `config` has them.
 */
export function createDocumentClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient({ ...patience, ...config }), {
    marshallOptions: { removeUndefinedValues: true },
  });
}

export function createSecretsClient(config: SecretsManagerClientConfig = {}): SecretsManagerClient {
  return new SecretsManagerClient({ ...patience, ...config });
}

export function createSqsClient(config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({ ...patience, ...config });
}
