import { redact } from '#shared/lambda/redact.ts';
import { parseOptions, type RunOptions } from './options.ts';
import { Problem } from './problem.ts';

const ending = new AbortController();
const interruptedExitCode = 130;

/** The first signal lets running work finish; the second one ends the process at once. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (ending.signal.aborted) process.exit(interruptedExitCode);
    process.stderr.write('\nEnding … (once more ends at once)\n');
    ending.abort();
  });
}

// An emulator that breaks does so in the background.
process.on('uncaughtException', (error) => {
  process.stderr.write(`\n${redact(explain(error))}\n`);
  process.exit(1);
});

async function main(): Promise<number> {
  let options: RunOptions | undefined;
  try {
    options = parseOptions(process.argv.slice(2));
    // Only now, because --help and a wrong flag need none of it.
    const { run } = await import('./run.ts');
    const { json } = options;
    await run(
      options,
      {
        print: (text) => process.stdout.write(`${text}\n`),
        progress: (text) => (json ? process.stderr : process.stdout).write(`${text}\n`),
      },
      ending.signal,
    );
    return 0;
  } catch (error) {
    if (ending.signal.aborted) return options?.once ? interruptedExitCode : 0;
    process.stderr.write(`\n${redact(explain(error))}\n`);
    return 1;
  }
}

function explain(error: unknown): string {
  if (error instanceof Problem) return error.message;
  if (process.env.DEBUG) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  return `Something unexpected broke: ${message} Set DEBUG=1 to see where.`;
}

process.exitCode = await main();
