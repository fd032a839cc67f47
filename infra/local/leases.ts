import { type DynamoDBDocumentClient, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';

/**
 * Lets the leases of a run that was killed run out now. In AWS they run out by themselves within minutes; here nobody
 * else can hold one, because one run at a time uses the data folder, and a person is waiting.
 */
export async function endOrphanedLeases(
  client: DynamoDBDocumentClient,
  connectionsTable: string,
): Promise<void> {
  const pages = paginateScan({ client }, { TableName: connectionsTable, ConsistentRead: true });
  for await (const { Items = [] } of pages) {
    for (const { tenantId, connectionId, leaseExpiresAt } of Items) {
      if (leaseExpiresAt === undefined) continue;
      await client.send(
        new UpdateCommand({
          TableName: connectionsTable,
          Key: { tenantId, connectionId },
          UpdateExpression: 'SET leaseExpiresAt = :now',
          ExpressionAttributeValues: { ':now': new Date().toISOString() },
        }),
      );
    }
  }
}
