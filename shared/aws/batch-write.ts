import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteCommand, type BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { chunksOf, forEachOf } from './concurrency.ts';
import type { Table } from './table.ts';

type WriteRequest = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];

/** Limit of BatchWriteItem. */
const batchSize = 25;
const concurrency = 8;
const maxTries = 8;
const maxWaitMs = 5_000;

/** Injected so that tests neither wait nor depend on luck. */
export interface Pacing {
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const realPacing: Pacing = {
  random: Math.random,
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
};

/**
 * Writes any number of items, in no particular order; gives the number written. DynamoDB may accept a part of a
 * batch only: the rest is sent again after a random wait whose upper bound doubles.
 *
 * @throws the reason of `signal`, or an Error after eight tries of the same batch
 */
export async function writeInBatches(
  table: Table,
  requests: Iterable<WriteRequest>,
  signal: AbortSignal,
  pacing: Pacing,
): Promise<number> {
  let written = 0;
  await forEachOf(chunksOf(requests, batchSize), concurrency, signal, async (batch) => {
    await writeBatch(table, batch, signal, pacing);
    written += batch.length;
  });
  return written;
}

async function writeBatch(
  { client, tableName }: Table,
  batch: WriteRequest[],
  signal: AbortSignal,
  { random, wait }: Pacing,
): Promise<void> {
  let rest = batch;
  for (let tries = 0; tries < maxTries; tries++) {
    if (tries > 0) await wait(random() * Math.min(maxWaitMs, 50 * 2 ** tries), signal);
    const { UnprocessedItems } = await client.send(
      new BatchWriteCommand({ RequestItems: { [tableName]: rest } }),
      { abortSignal: signal },
    );
    rest = UnprocessedItems?.[tableName] ?? [];
    if (rest.length === 0) return;
  }
  throw new Error(`DynamoDB left ${rest.length} items of a batch unprocessed after ${maxTries} tries`);
}
