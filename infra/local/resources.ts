import { createTableIfMissing, readTable } from './dynamodb.ts';
import type { Emulators } from './emulators.ts';
import { functionArn, functionName } from './functions.ts';
import { createQueues, queueArn, queueUrl } from './queue.ts';
import type { LocalValues, Resolver } from './template.ts';

/** CloudFormation appends random letters to names that the template leaves open; here a second start must find them. */
function localName(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

/** What tables, queues and functions answer to `Ref` and `Fn::GetAtt` on this machine. */
export function localValues(sqsEndpoint: string): LocalValues {
  return (logicalId, { Type }, attribute) => {
    const name = localName(logicalId);
    if (Type === 'AWS::DynamoDB::Table' && attribute === null) return name;
    if (Type === 'AWS::SQS::Queue') {
      if (attribute === null || attribute === 'QueueUrl') return queueUrl(sqsEndpoint, name);
      return attribute === 'Arn' ? queueArn(name) : name;
    }
    if (Type === 'AWS::Lambda::Function') {
      return attribute === 'Arn' ? functionArn(logicalId) : functionName(logicalId);
    }
    return undefined;
  };
}

/** Creates the tables and queues of the template, where they are not there yet. */
export async function createResources(resolver: Resolver, { clients }: Emulators): Promise<void> {
  for (const { logicalId, properties } of resolver.resourcesOf('AWS::DynamoDB::Table')) {
    await createTableIfMissing(clients.dynamoDb, readTable(localName(logicalId), properties));
  }
  const queues = resolver.resourcesOf('AWS::SQS::Queue');
  await createQueues(
    clients.sqs,
    queues.map(({ logicalId, properties }) => ({ name: localName(logicalId), properties })),
  );
}
