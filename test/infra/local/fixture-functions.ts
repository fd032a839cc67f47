import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionDefinition } from '../../../infra/local/lambda.ts';

/** Does what the event says, so that one small function shows everything that a function may do. */
const echo = `
  let invocations = 0;
  export async function handler(event, context) {
    invocations += 1;
    if (event?.throw) throw new TypeError(event.throw);
    if (event?.exit) process.exit(3);
    if (event?.hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
    if (event?.log) console.log(event.log);
    if (event?.answer !== undefined) return event.answer;
    const { awsRequestId, functionName } = context;
    const remainingMs = context.getRemainingTimeInMillis();
    return { event, invocations, awsRequestId, functionName, remainingMs, environment: { ...process.env } };
  }
`;

/** Throws while it is loaded, as a function with an incomplete environment does. */
const broken = `throw new Error('The environment is incomplete');`;

/** Bundles as the CDK leaves them behind: a folder each, with an index.mjs. */
export function writeFixtureFunctions(folder: string): void {
  for (const [name, source] of Object.entries({ echo, broken })) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'index.mjs'), source);
  }
}

export function fixtureFunction(
  folder: string,
  bundle: 'echo' | 'broken' = 'echo',
  changes: Partial<FunctionDefinition> = {},
): FunctionDefinition {
  return {
    name: bundle,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${bundle}`,
    moduleFile: join(folder, bundle, 'index.mjs'),
    exportName: 'handler',
    environment: {},
    timeoutMs: 5000,
    memoryMb: 128,
    maxWorkers: 2,
    ...changes,
  };
}
