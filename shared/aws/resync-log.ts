import { randomBytes } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expiresAfter, retentionDays } from '#shared/domain/snapshot.ts';
import type { ResyncLog } from '#shared/use-cases/ports.ts';
import { connectionKeyOf, epochSeconds, resyncItem } from './keys.ts';
import type { Table } from './table.ts';

/** Who asked for a resync, when and why; beside the rows of the connection, in the snapshots table. */
export function createResyncLog({ client, tableName }: Table): ResyncLog {
  return {
    async record({ requestedAt, requestedBy, reason, confirmShrink, ...key }) {
      const item = {
        connectionKey: connectionKeyOf(key),
        item: resyncItem(requestedAt, randomBytes(4).toString('hex')),
        requestedAt: requestedAt.toISOString(),
        requestedBy,
        reason,
        confirmShrink,
        expiresAt: epochSeconds(expiresAfter(requestedAt, retentionDays.resync)),
      };
      await client.send(new PutCommand({ TableName: tableName, Item: item }));
    },
  };
}
