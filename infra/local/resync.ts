import { userInfo } from 'node:os';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { connectionIdSchema } from '#shared/domain/connection.ts';
import { tenantIdSchema } from '#shared/domain/tenant.ts';
import { redact } from '#shared/lambda/redact.ts';
import { defaultDataDir } from './options.ts';
import { Problem } from './problem.ts';
import { findRun } from './run-file.ts';
import { region } from './template.ts';

interface Flags {
  tenant: string;
  connection?: string;
  reason: string;
  wait?: true;
  requestedBy: string;
  confirmShrink?: true;
  functionName?: string;
  dataDir: string;
}

const answerSchema = z.union([
  z.object({
    results: z.array(z.object({ connectionId: z.string(), outcome: z.string(), message: z.string() })),
  }),
  z.object({ error: z.object({ message: z.string() }) }),
]);
/** Everything else means that no sync was done or begun. */
const goodOutcomes = ['published', 'queued'];

function parseFlags(): Flags {
  return new Command('npm run resync --')
    .description(
      'Syncs a tenant now and says what came of it: in the local run, or in AWS with --function-name.',
    )
    .requiredOption('--tenant <id>', 'whose connections to sync', matching(tenantIdSchema))
    .option('--connection <id>', 'only this one of them', matching(connectionIdSchema))
    .requiredOption('--reason <text>', 'why; kept on record with who asked')
    .option('--wait', 'wait for the outcome')
    .option('--requested-by <name>', 'who asks', userInfo().username)
    .option('--confirm-shrink', 'publish although many accounts disappeared; needs --connection')
    .option('--function-name <name>', 'of the deployed function: the output ResyncFunctionName of the stack')
    .option('--data-dir <folder>', 'of the local run', defaultDataDir)
    .showHelpAfterError('npm run resync -- --help lists what there is.')
    .parse()
    .opts<Flags>();
}

function matching(schema: z.ZodType<string>): (value: string) => string {
  return (value) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`It ${parsed.error.issues[0]?.message}.`);
  };
}

/** Gives whether every connection was synced, or is about to be. @throws Problem */
async function resync(flags: Flags): Promise<boolean> {
  const { tenant, connection, requestedBy, reason, wait = false, confirmShrink = false } = flags;
  if (confirmShrink && connection === undefined) {
    throw new Problem('--confirm-shrink needs --connection, so that no other connection loses its accounts.');
  }
  const target = await findFunction(flags);
  const request = { tenantId: tenant, connectionId: connection, requestedBy, reason, wait, confirmShrink };
  const answer = answerSchema.parse(await invoke(target, request));
  if ('error' in answer) throw new Problem(answer.error.message);
  for (const { connectionId, message } of answer.results) console.log(`${connectionId}  ${message}`);
  return answer.results.every(({ outcome }) => goodOutcomes.includes(outcome));
}

interface Target {
  readonly client: LambdaClient;
  readonly functionName: string;
  /** For whoever could not be served. */
  readonly cure: string;
}

async function findFunction({ functionName, dataDir }: Flags): Promise<Target> {
  // One attempt: a second one would sync a second time.
  if (functionName !== undefined) {
    const cure =
      'Check its name, the region (AWS_REGION), and that your credentials carry the policy that the stack made for ' +
      'support staff.';
    return { client: new LambdaClient({ maxAttempts: 1 }), functionName, cure };
  }
  const { controlUrl, accessKeyId } = await findRun(dataDir);
  const credentials = { accessKeyId, secretAccessKey: accessKeyId };
  const client = new LambdaClient({ endpoint: controlUrl, region, credentials, maxAttempts: 1 });
  return {
    client,
    functionName: 'resync',
    cure: 'The local run is starting or ending: try again in a moment.',
  };
}

async function invoke({ client, functionName, cure }: Target, request: object): Promise<unknown> {
  try {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) });
    const { Payload, FunctionError } = await client.send(command);
    const answer = JSON.parse(Payload?.transformToString() ?? 'null');
    if (FunctionError === undefined) return answer;
    throw new Problem(
      `The resync function broke: ${answer?.errorMessage ?? FunctionError}. Its log tells more.`,
    );
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { name, message } = error as Error;
    throw new Problem(`The function ${functionName} could not be invoked (${name}: ${message}). ${cure}`);
  } finally {
    client.destroy();
  }
}

try {
  process.exitCode = (await resync(parseFlags())) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${redact((error as Error).message)}\n`);
  process.exitCode = 1;
}
