/** Runs in a worker thread: one execution environment of one function, which handles one invocation at a time. */
import { parentPort, workerData } from 'node:worker_threads';

export interface WorkerSettings {
  /** file: URL of the bundle. */
  readonly moduleUrl: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
}
export interface Invocation {
  readonly requestId: string;
  readonly event: unknown;
}
/** The cold start is over, and the function's time begins. */
export interface InvocationStart {
  readonly requestId: string;
  readonly started: true;
}
export type InvocationOutcome =
  | { readonly requestId: string; readonly result: unknown }
  | { readonly requestId: string; readonly error: { readonly type: string; readonly message: string } };

type Handler = (event: unknown, context: unknown) => unknown;

const settings: WorkerSettings = workerData;
const port = parentPort;
if (!port) throw new Error('This file is the body of a worker thread and does nothing by itself.');

/** The cold start: as on Lambda it begins before the first invocation, which waits for it. */
const loading = import(settings.moduleUrl);
// Whoever waits for the module gets the error; nobody may be waiting yet when it comes.
loading.catch(() => {});

port.on('message', async ({ requestId, event }: Invocation) => {
  let outcome: InvocationOutcome;
  try {
    const handler: Handler = (await loading)[settings.exportName];
    port.postMessage({ requestId, started: true } satisfies InvocationStart);
    const result = await handler(event, contextOf(requestId));
    // Lambda answers with JSON, so what JSON cannot carry must not arrive here either.
    outcome = { requestId, result: result === undefined ? null : JSON.parse(JSON.stringify(result)) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    console.error(error);
    outcome = { requestId, error: { type: error.name, message: error.message } };
  }
  port.postMessage(outcome);
});

function contextOf(requestId: string) {
  const { functionName, memoryMb, timeoutMs } = settings;
  const deadlineMs = Date.now() + timeoutMs;
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: process.env.LOCAL_FUNCTION_ARN,
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}
