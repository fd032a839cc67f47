import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EventSource, startEventSource } from '../../../infra/local/event-source.ts';
import { createQueues, queueArn, queueUrl, startQueues } from '../../../infra/local/queue.ts';
import { readSchedule, startSchedules } from '../../../infra/local/schedule.ts';
import { createResolver } from '../../../infra/local/template.ts';

describe('an event source', () => {
  let queues: Awaited<ReturnType<typeof startQueues>>;
  let client: SQSClient;
  let source: EventSource | undefined;
  let name = '';
  let runs = 0;

  beforeAll(async () => {
    queues = await startQueues();
    const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
    client = new SQSClient({ endpoint: queues.url, region: 'us-east-1', credentials });
  });
  afterAll(async () => {
    client.destroy();
    await queues.close();
  });
  beforeEach(async () => {
    runs += 1;
    name = `syncs-${runs}`;
    const RedrivePolicy = { deadLetterTargetArn: queueArn(`dead-${runs}`), maxReceiveCount: 1 };
    await createQueues(client, [
      { name: `dead-${runs}`, properties: {} },
      { name, properties: { RedrivePolicy, VisibilityTimeout: 0 } },
    ]);
  });
  afterEach(() => source?.close());

  const send = (body: string) =>
    client.send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody: body }));
  const urlOf = (queue: string) => queueUrl(queues.url, queue);

  function poll(invoke: (event: SQSEvent) => Promise<unknown>, changes = {}): EventSource {
    source = startEventSource({
      client,
      queueUrl: urlOf(name),
      queueArn: queueArn(name),
      invoke,
      batchSize: 10,
      reportsFailures: true,
      concurrency: 1,
      ...changes,
    });
    return source;
  }
  const untilIdle = (polled: EventSource) => vi.waitFor(async () => expect(await polled.idle()).toBe(true));

  async function deadLetters(): Promise<string[]> {
    const QueueUrl = urlOf(`dead-${runs}`);
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body = '' }) => Body).sort();
  }

  test('hands over messages as Lambda does and deletes them', async () => {
    await send('{"n":1}');
    const events: SQSEvent[] = [];
    await untilIdle(
      poll(async (event) => {
        events.push(event);
        return { batchItemFailures: [] };
      }),
    );
    expect(events).toHaveLength(1);
    expect(events[0]?.Records[0]).toMatchObject({
      body: '{"n":1}',
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn(name),
      attributes: { ApproximateReceiveCount: '1' },
    });
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  test('deletes only the messages that succeeded; the failed ones end in the dead-letter queue', async () => {
    for (const body of ['good', 'bad', 'fine']) await send(body);
    const polled = poll(async ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'bad').map(
        ({ messageId: itemIdentifier }) => ({
          itemIdentifier,
        }),
      ),
    }));
    await untilIdle(polled);
    expect(await deadLetters()).toEqual(['bad']);
  });

  test.each([
    ['the function breaks', () => Promise.reject(new Error('broken'))],
    [
      'it reports a message that is not in the batch',
      async () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] }),
    ],
  ])('fails the whole batch when %s', async (_, invoke) => {
    await send('one');
    await send('two');
    await untilIdle(poll(invoke));
    expect(await deadLetters()).toEqual(['one', 'two']);
  });

  test('is not idle while a message is handled', async () => {
    const handled = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    await send('slow');
    const polled = poll(async () => {
      begun.resolve();
      await handled.promise;
    });
    await begun.promise;
    expect(await polled.idle()).toBe(false);
    handled.resolve();
    await untilIdle(polled);
  });
});

describe('a schedule', () => {
  const schedule = (changes: object) => ({
    logicalId: 'Tick',
    properties: {
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Target: { Arn: 'arn' },
      ...changes,
    },
  });

  test.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(2 hours)', 7_200_000],
    ['rate(1 day)', 86_400_000],
  ])('of %s ticks every %i ms', (ScheduleExpression, everyMs) => {
    expect(readSchedule(schedule({ ScheduleExpression }))).toMatchObject({ everyMs, targetArn: 'arn' });
  });

  test('that is switched off does not tick, and one of another kind is refused', () => {
    expect(readSchedule(schedule({ State: 'DISABLED' }))).toBeNull();
    expect(() => readSchedule(schedule({ ScheduleExpression: 'cron(0 * * * ? *)' }))).toThrow('rate');
  });

  test('invokes its target at its rate, leaves out ticks while one runs, and survives a failure', async () => {
    vi.useFakeTimers();
    const { properties } = schedule({});
    const resolver = createResolver(
      { Resources: { Tick: { Type: 'AWS::Scheduler::Schedule', Properties: properties } } },
      () => undefined,
    );
    const first = Promise.withResolvers<void>();
    const invoke = vi.fn().mockReturnValueOnce(first.promise).mockRejectedValueOnce(new Error('broken'));
    const schedules = startSchedules(resolver, () => ({ invoke }));
    await vi.advanceTimersByTimeAsync(300_000);
    expect(invoke).not.toHaveBeenCalled();

    schedules.start();
    await vi.advanceTimersByTimeAsync(180_000);
    expect(invoke).toHaveBeenCalledTimes(1);
    first.resolve();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(invoke).toHaveBeenCalledTimes(3);
    schedules.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(invoke).toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });
});
