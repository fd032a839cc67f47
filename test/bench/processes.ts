import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Accounts and regions that no emulator looks at, but without which the SDK sends nothing. */
const awsEnvironment = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
};

/**
 * What Lambda gives Node in a function of `memoryMb`: its start script passes a tenth of it to the young generation,
 * in two halves, and the rest to the old one. Flags of the command line outrank NODE_OPTIONS, there and here.
 */
export function lambdaHeapFlags(memoryMb: number): string[] {
  const young = Math.floor(memoryMb / 10);
  return [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${memoryMb - young}`];
}

export interface WorkerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
}

/** Runs a file that calls {@link answerWith}, in a new process; gives what it answered. */
export async function runWorker<Answer>(
  file: string,
  input: object,
  { env = {}, flags = [] }: WorkerOptions = {},
): Promise<Answer> {
  const child = forkQuietly(file, input, env, flags);
  const answer = await nextMessage<Answer>(child);
  if (child.exitCode === null) await once(child, 'exit');
  return answer;
}

/** The other side of {@link runWorker}. */
export async function answerWith<Input>(work: (input: Input) => Promise<object>): Promise<void> {
  const answer = await work(JSON.parse(process.argv[2] ?? '{}') as Input);
  process.send?.(answer, () => process.exit());
}

export interface Server<Started> extends AsyncDisposable {
  readonly started: Started;
  /** One at a time. */
  ask<Answer>(question: object): Promise<Answer>;
}

/** Starts a file that calls {@link serve}: a server that shares neither memory nor event loop with who is measured. */
export async function startServer<Started>(file: string, input: object = {}): Promise<Server<Started>> {
  const child = forkQuietly(file, input, {}, []);
  const started = await nextMessage<Started>(child);
  return {
    started,
    ask(question) {
      child.send(question);
      return nextMessage(child);
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** The other side of {@link startServer}. Ends when whoever started it is gone. */
export async function serve<Input, Question>(
  start: (input: Input) => Promise<{ started: object; answer?: (question: Question) => Promise<object> }>,
): Promise<void> {
  process.once('disconnect', () => process.exit());
  const { started, answer } = await start(JSON.parse(process.argv[2] ?? '{}') as Input);
  process.on('message', async (question) => process.send?.((await answer?.(question as Question)) ?? {}));
  process.send?.(started);
}

/** Nothing but the report goes to stdout. */
function forkQuietly(
  file: string,
  input: object,
  env: Readonly<Record<string, string>>,
  flags: readonly string[],
): ChildProcess {
  return fork(file, [JSON.stringify(input)], {
    env: { PATH: process.env.PATH, ...awsEnvironment, ...env },
    execArgv: [...flags],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
}

async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  const { signal } = ended;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as Message),
      once(child, 'exit', { signal }).then(([code, killedBy]) => {
        throw new Error(`${child.spawnargs[1]} ended (${killedBy ?? `exit code ${code}`}) without an answer`);
      }),
    ]);
  } finally {
    ended.abort();
  }
}
