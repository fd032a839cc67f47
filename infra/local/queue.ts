import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { signedBy } from './signed-by.ts';
import { accountId, region } from './template.ts';

/**
 * SQS on the loopback interface, in memory: a message that waits when the program ends is lost, and the schedule
 * brings its connection back. (fauxqs' own server would listen on every interface.)
 */
export async function startQueues(options: { readonly accessKeyId?: string | undefined } = {}): Promise<{
  url: string;
  close(): Promise<void>;
}> {
  const { accessKeyId } = options;
  const app = buildApp({ logger: false, defaultRegion: region });
  app.addHook('onRequest', async ({ raw }, reply) => {
    const signer = signedBy(raw);
    // Other programs here, and web pages, may not start syncs.
    if (signer === null || (accessKeyId !== undefined && signer !== accessKeyId)) {
      return reply.code(400).send({ __type: 'UnrecognizedClientException' });
    }
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, close: () => app.close() };
}

export function queueUrl(endpoint: string, queueName: string): string {
  return `${endpoint}/${accountId}/${queueName}`;
}

export function queueArn(queueName: string): string {
  return `arn:aws:sqs:${region}:${accountId}:${queueName}`;
}

/** Attributes that SQS takes as they stand in the template. */
const attributeNames = ['VisibilityTimeout', 'MessageRetentionPeriod', 'DelaySeconds', 'MaximumMessageSize'];

export interface QueueDefinition {
  readonly name: string;
  /** Of the `AWS::SQS::Queue`, resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Creates the queues, those that others redrive to first. */
export async function createQueues(client: SQSClient, queues: readonly QueueDefinition[]): Promise<void> {
  const redrives = ({ properties }: QueueDefinition) => Number('RedrivePolicy' in properties);
  for (const { name, properties } of queues.toSorted((a, b) => redrives(a) - redrives(b))) {
    const attributes = Object.fromEntries(
      attributeNames
        .filter((attribute) => attribute in properties)
        .map((attribute) => [attribute, String(properties[attribute])]),
    );
    if (properties.RedrivePolicy) attributes.RedrivePolicy = JSON.stringify(properties.RedrivePolicy);
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  }
}
