import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeInBatches } from '#shared/aws/batch-write.ts';
import { createDocumentClient } from '#shared/aws/clients.ts';
import { never } from '#test/contract/examples.ts';

const dynamoDb = mockClient(DynamoDBDocumentClient);
const table = { client: createDocumentClient({ region: 'eu-central-1' }), tableName: 'snapshots' };
const puts = (count: number) => Array.from({ length: count }, (_, id) => ({ PutRequest: { Item: { id } } }));

/** DynamoDB that leaves the last `count` requests of each batch undone, as often as said. */
function leaveUndone(count: number, times: number) {
  let left = times;
  dynamoDb.on(BatchWriteCommand).callsFake(({ RequestItems }: BatchWriteCommandInput) => {
    if (left-- <= 0) return {};
    return { UnprocessedItems: { snapshots: RequestItems?.snapshots?.slice(-count) } };
  });
}

const sizes = () =>
  dynamoDb.commandCalls(BatchWriteCommand).map(({ args }) => args[0].input.RequestItems?.snapshots?.length);

describe('writing in batches', () => {
  const waits: number[] = [];
  const pacing = { random: () => 0.5, wait: async (ms: number) => void waits.push(ms) };
  beforeEach(() => {
    dynamoDb.reset();
    waits.length = 0;
  });

  it('sends 25 at a time and gives the number written', async () => {
    leaveUndone(0, 0);
    expect(await writeInBatches(table, puts(60), never, pacing)).toBe(60);
    expect(sizes()).toEqual([25, 25, 10]);
    expect(waits).toEqual([]);
  });

  it('sends again only what was left undone, after waits that grow', async () => {
    leaveUndone(3, 3);
    expect(await writeInBatches(table, puts(20), never, pacing)).toBe(20);
    expect(sizes()).toEqual([20, 3, 3, 3]);
    expect(waits).toEqual([50, 100, 200]);
  });

  it('gives up after eight tries of the same batch', async () => {
    leaveUndone(3, 100);
    await expect(writeInBatches(table, puts(20), never, pacing)).rejects.toThrow('left 3 items');
    expect(sizes()).toHaveLength(8);
  });

  it('does not wait any longer once it is told to stop', async () => {
    leaveUndone(3, 100);
    const deadline = new AbortController();
    const wait = async () => {
      deadline.abort(new Error('out of time'));
      deadline.signal.throwIfAborted();
    };
    const written = writeInBatches(table, puts(20), deadline.signal, { random: () => 0.5, wait });
    await expect(written).rejects.toThrow('out of time');
    expect(sizes()).toEqual([20]);
  });
});
