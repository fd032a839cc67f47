import { devNull } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Emulators } from './emulators.ts';
import { openFunctionLog } from './function-log.ts';
import { type FunctionDefinition, type LocalFunction, startFunction } from './lambda.ts';
import { type Assembly, accountId, type Resolver, region } from './template.ts';

/** A laptop has few cores, and each environment takes memory. */
const maxWorkers = 2;

const functionSchema = z.object({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string().regex(/^\w+\.\w+$/),
  MemorySize: z.coerce.number(),
  Timeout: z.coerce.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()) }).optional(),
});

/** `sync` for the logical id `FunctionsSyncFunction47F249B1`; other ids stay as they are. */
export function functionName(logicalId: string): string {
  return /^Functions([A-Z][a-z]+)Function[0-9A-F]{8}$/.exec(logicalId)?.[1]?.toLowerCase() ?? logicalId;
}

export function functionArn(logicalId: string): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${functionName(logicalId)}`;
}

/** Every `AWS::Lambda::Function` of the template, with its variables and those that lead the SDK to the emulators. */
export function readFunctions(
  assembly: Assembly,
  resolver: Resolver,
  endpoints: Emulators['endpoints'],
  accessKeyId: string,
): FunctionDefinition[] {
  return resolver.resourcesOf('AWS::Lambda::Function').map(({ logicalId, properties }) => {
    const { Code, Handler, MemorySize, Timeout, Environment } = functionSchema.parse(properties);
    const [file, exportName = ''] = Handler.split('.');
    const name = functionName(logicalId);
    return {
      name,
      arn: functionArn(logicalId),
      moduleFile: join(assembly.assetFolder(Code.S3Key), `${file}.mjs`),
      exportName,
      timeoutMs: Timeout * 1000,
      memoryMb: MemorySize,
      maxWorkers,
      environment: {
        ...Environment?.Variables,
        ...awsEnvironment(endpoints, accessKeyId),
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      },
    };
  });
}

function awsEnvironment(endpoints: Emulators['endpoints'], accessKeyId: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoDb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: accessKeyId,
    // Profiles of the person at this machine must not leak in.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    TZ: 'UTC',
  };
}

export interface LocalFunctions {
  lookUp(arnOrName: string): LocalFunction | undefined;
  /** @throws Error where there is no such function */
  find(arnOrName: string): LocalFunction;
  /** Invocations that run or wait. */
  busy(): number;
  /** Ends all environments, whatever they are doing. */
  close(): Promise<void>;
}

/** Logs go to `<dataDir>/logs/<name>.log`, or nowhere. */
export function startFunctions(definitions: readonly FunctionDefinition[], dataDir?: string): LocalFunctions {
  const logFile = (name: string) =>
    dataDir === undefined ? undefined : join(dataDir, 'logs', `${name}.log`);
  const functions = new Map(
    definitions.map((definition) => [
      definition.name,
      startFunction(definition, openFunctionLog(logFile(definition.name))),
    ]),
  );
  const lookUp = (arnOrName: string) => functions.get(arnOrName.split(':').at(-1) ?? '');
  return {
    lookUp,
    find(arnOrName) {
      const found = lookUp(arnOrName);
      if (!found) throw new Error(`There is no function ${arnOrName}`);
      return found;
    },
    busy: () => [...functions.values()].reduce((sum, local) => sum + local.busy(), 0),
    async close() {
      await Promise.all([...functions.values()].map((local) => local.close()));
    },
  };
}
