import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { createConnectionReader } from '#shared/aws/connections.ts';
import type { Connection } from '#shared/domain/connection.ts';
import { readSnapshotDocument } from '../../infra/local/snapshot-document.ts';
import type { LocalStack } from '../../infra/local/stack.ts';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

/** One tenant at the front door of the local stack, and what a test may do behind it. */
export function createTenant(stack: LocalStack, tenantId: string) {
  const token = stack.issueToken(tenantId);

  async function request(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${stack.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** Connects without waiting for the first sync. */
  const post = (instanceUrl: string, apiKey: string) =>
    request('POST', '/v1/connections', { instanceUrl, apiKey });

  const connectionsTable = { client: stack.clients.dynamoDb, tableName: stack.tables.connections };

  async function moveToPast(connectionId: string, attribute: 'nextSyncAt' | 'leaseExpiresAt'): Promise<void> {
    await connectionsTable.client.send(
      new UpdateCommand({
        TableName: connectionsTable.tableName,
        Key: { tenantId, connectionId },
        UpdateExpression: 'SET #attribute = :past',
        ConditionExpression: 'attribute_exists(#attribute)',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':past': '2020-01-01T00:00:00.000Z' },
      }),
    );
  }
  const makeDue = (connectionId: string) => moveToPast(connectionId, 'nextSyncAt');

  return {
    tenantId,
    request,
    post,
    /** As an hour that passed would. */
    makeDue,
    /** As the minutes would that a lease outlives its holder. */
    endLease: (connectionId: string) => moveToPast(connectionId, 'leaseExpiresAt'),
    /** Connects, waits for the first sync, and gives the connection's id. */
    async connect({ url, adminKey }: { url: string; adminKey: string }): Promise<string> {
      const { status, body } = await post(url, adminKey);
      if (status !== 201 && status !== 200) throw new Error(`Not connected: ${JSON.stringify(body)}`);
      await stack.drain();
      return body.connectionId;
    },
    async show(connectionId: string) {
      return (await request('GET', `/v1/connections/${connectionId}`)).body;
    },
    /** The connection as stored, with its lease and versions. */
    stored(connectionId: string): Promise<Connection> {
      return createConnectionReader(connectionsTable).get({ tenantId, connectionId });
    },
    snapshot: (connectionId: string) => readSnapshotDocument(stack, { tenantId, connectionId }),
    /** What the schedule does once the connection is due; gives the connection after the sync. */
    async syncWhenDue(connectionId: string) {
      await makeDue(connectionId);
      await stack.tick();
      await stack.drain();
      return (await request('GET', `/v1/connections/${connectionId}`)).body;
    },
    /** Support staff resync one connection and wait; gives the outcome. */
    async resync(connectionId: string, confirmShrink = false): Promise<{ outcome: string; message: string }> {
      const event = {
        tenantId,
        connectionId,
        requestedBy: 'test',
        reason: 'test',
        wait: true,
        confirmShrink,
      };
      // biome-ignore lint/suspicious/noExplicitAny: the answer is what the test is about
      const answer = (await stack.invoke('resync', event)) as any;
      return answer.results?.[0] ?? answer.error;
    },
  };
}
