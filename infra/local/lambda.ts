import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { FunctionLog } from './function-log.ts';
import type { Invocation, InvocationOutcome, InvocationStart, WorkerSettings } from './lambda-worker.ts';

export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  readonly moduleFile: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Invocations at the same time; more wait for their turn. */
  readonly maxWorkers: number;
}

/** The function threw, ran out of time or ended its process: what Lambda reports as `FunctionError`. */
export class FunctionError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export interface LocalFunction {
  readonly definition: FunctionDefinition;
  /** @throws FunctionError */
  invoke(event: unknown): Promise<unknown>;
  /** Begins a cold start, so that the first invocation need not wait for it. */
  warmUp(): void;
  /** Invocations that run or wait. */
  busy(): number;
  /** Ends the execution environments at once, whatever they are doing. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Lambda allows 10 s; a laptop may be busy with other things. */
const coldStartTimeoutMs = 60_000;

interface Environment {
  readonly worker: Worker;
  running: { requestId: string; start(): void; settle(outcome: InvocationOutcome): void } | null;
}

interface Waiting {
  readonly event: unknown;
  resolve(outcome: InvocationOutcome): void;
}

const ending = () => new FunctionError('Runtime.Closed', 'The local run is ending.');

/** A function in worker threads: each has its own environment and modules, and handles one invocation at a time. */
export function startFunction(definition: FunctionDefinition, log: FunctionLog): LocalFunction {
  const { name, arn, moduleFile, exportName, timeoutMs, memoryMb, maxWorkers } = definition;
  const environments = new Set<Environment>();
  const waiting: Waiting[] = [];
  let invocations = 0;
  let closed = false;

  function startEnvironment(): Environment {
    const settings: WorkerSettings = {
      moduleUrl: pathToFileURL(moduleFile).href,
      exportName,
      functionName: name,
      memoryMb,
      timeoutMs,
    };
    const worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
      workerData: settings,
      env: { ...definition.environment, LOCAL_FUNCTION_ARN: arn },
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      stdout: true,
      stderr: true,
    });
    const environment: Environment = { worker, running: null };
    environments.add(environment);
    log.follow(worker.stdout, worker.stderr);
    const end = (type: string, message: string) => {
      environments.delete(environment);
      const { running } = environment;
      running?.settle({ requestId: running.requestId, error: { type, message } });
    };
    worker.on('message', (message: InvocationStart | InvocationOutcome) => {
      if ('started' in message) environment.running?.start();
      else environment.running?.settle(message);
    });
    worker.on('error', (error) => end(error.name, error.message));
    worker.on('exit', (code) =>
      end('Runtime.ExitError', `The function ended its process with code ${code}.`),
    );
    return environment;
  }

  function idleEnvironment(): Environment | null {
    for (const environment of environments) if (!environment.running) return environment;
    return environments.size < maxWorkers ? startEnvironment() : null;
  }

  function startWaiting(): void {
    for (;;) {
      const [next] = waiting;
      const environment = next && idleEnvironment();
      if (!environment) return;
      waiting.shift();
      run(environment, next);
    }
  }

  function run(environment: Environment, { event, resolve }: Waiting): void {
    const requestId = randomUUID();
    const limit = (ms: number, what: string) =>
      setTimeout(() => {
        environments.delete(environment);
        const message = `${what} timed out after ${(ms / 1000).toFixed(2)} seconds`;
        environment.running?.settle({ requestId, error: { type: 'Sandbox.Timedout', message } });
        void environment.worker.terminate();
      }, ms);
    let timer = limit(coldStartTimeoutMs, 'Cold start');
    environment.running = {
      requestId,
      start() {
        clearTimeout(timer);
        timer = limit(timeoutMs, 'Task');
      },
      settle(outcome) {
        clearTimeout(timer);
        environment.running = null;
        if ('error' in outcome) log.write({ level: 'ERROR', requestId, ...outcome.error });
        resolve(outcome);
        startWaiting();
      },
    };
    environment.worker.postMessage({ requestId, event } satisfies Invocation);
  }

  async function invoke(event: unknown): Promise<unknown> {
    if (closed) throw ending();
    invocations += 1;
    try {
      const outcome = await new Promise<InvocationOutcome>((resolve) => {
        waiting.push({ event, resolve });
        startWaiting();
      });
      if ('error' in outcome) throw new FunctionError(outcome.error.type, outcome.error.message);
      return outcome.result;
    } finally {
      invocations -= 1;
    }
  }

  async function kill(): Promise<void> {
    const workers = [...environments].map(({ worker }) => worker);
    environments.clear();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  return {
    definition,
    invoke,
    warmUp: () => {
      if (environments.size === 0) startEnvironment();
    },
    busy: () => invocations,
    kill,
    async close() {
      closed = true;
      const { type, message } = ending();
      for (const { resolve } of waiting.splice(0)) resolve({ requestId: '', error: { type, message } });
      await kill();
      await log.close();
    },
  };
}
