import type { SQSClient } from '@aws-sdk/client-sqs';
import type { BatchWriteCommandInput, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDbUse } from './results.ts';

/** Structure of all answers that tell what they consumed; those of batches have one entry a table. */
interface Consumed {
  readonly ConsumedCapacity?: Capacity | readonly Capacity[];
  readonly UnprocessedItems?: BatchWriteCommandInput['RequestItems'];
}
interface Capacity {
  readonly CapacityUnits?: number;
}

const reads = new Set(['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand', 'ScanCommand']);

/** Asks DynamoDB with every request what it consumes, and adds it up from here on; `take` starts anew. */
export function meterDynamoDb(client: DynamoDBDocumentClient): { take(): DynamoDbUse } {
  const nothing = { requests: 0, itemsWritten: 0, writeUnits: 0, readUnits: 0, waitingMs: 0 };
  let use = { ...nothing };
  let underWay = 0;
  let waitingSince = 0;

  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (underWay++ === 0) waitingSince = performance.now();
      try {
        const result = await next({
          ...args,
          input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } as typeof args.input,
        });
        const output = result.output as Consumed;
        const units = [output.ConsumedCapacity ?? []].flat().reduce(addUnits, 0);
        use.requests += 1;
        if (reads.has(context.commandName ?? '')) use.readUnits += units;
        else {
          use.writeUnits += units;
          use.itemsWritten += itemsIn(args.input) - itemsIn({ RequestItems: output.UnprocessedItems });
        }
        return result;
      } finally {
        if (--underWay === 0) use.waitingMs += performance.now() - waitingSince;
      }
    },
    { step: 'initialize', name: 'meter' },
  );

  return {
    take() {
      const taken = use;
      use = { ...nothing };
      return taken;
    },
  };
}

function addUnits(sum: number, { CapacityUnits = 0 }: Capacity): number {
  return sum + CapacityUnits;
}

/** Puts, updates and deletes are one item each. */
function itemsIn(input: { RequestItems?: BatchWriteCommandInput['RequestItems'] } | object): number {
  if (!('RequestItems' in input)) return 1;
  return Object.values(input.RequestItems ?? {}).reduce((sum, requests) => sum + (requests?.length ?? 0), 0);
}

export function meterSqs(client: SQSClient): { readonly requests: number; readonly messages: number } {
  const use = { requests: 0, messages: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { Successful = [] } = result.output as { Successful?: unknown[] };
      use.requests += 1;
      use.messages += Successful.length;
      return result;
    },
    { step: 'initialize', name: 'meter' },
  );
  return use;
}
