import { Command, InvalidArgumentError, Option } from 'commander';
import { apiKeySchema } from '#shared/domain/connection.ts';
import { asFailure } from '#shared/domain/errors.ts';
import { instanceUrlCandidates } from '#shared/domain/instance-url.ts';
import { tenantIdSchema } from '#shared/domain/tenant.ts';
import { type Plan, plans } from '#test/metabase/plans.ts';
import { type MetabaseVersion, metabaseVersions } from '#test/metabase/versions.ts';
import { Problem } from './problem.ts';

export interface SampleChoice {
  readonly users: number;
  readonly version: MetabaseVersion;
  readonly plan: Plan;
}

export interface RunOptions {
  /** Null: the sample Metabase stands in. */
  readonly instance: { readonly url: string; readonly apiKey: string } | null;
  readonly sample: SampleChoice;
  readonly name: string | undefined;
  readonly tenantId: string;
  readonly allowPrivateNetwork: boolean;
  /** One sync, then end. */
  readonly once: boolean;
  /** Print one JSON document and nothing else. */
  readonly json: boolean;
  readonly fresh: boolean;
  readonly dataDir: string;
  readonly port: number;
}

interface Flags {
  url?: string;
  apiKey?: string;
  name?: string;
  tenant: string;
  allowPrivateNetwork?: true;
  once?: true;
  json?: true;
  fresh?: true;
  dataDir: string;
  port?: number;
  sampleUsers: number;
  sampleVersion: MetabaseVersion;
  samplePlan: Plan;
}

export const defaultDataDir = '.local';
const defaultPort = 8787;

type Environment = Readonly<Record<string, string | undefined>>;

/** Prints and ends the process for --help and for flags that do not exist. @throws Problem */
export function parseOptions(args: readonly string[], environment: Environment = process.env): RunOptions {
  const flags = createCommand().parse(args, { from: 'user' }).opts<Flags>();
  const url = flags.url ?? (environment.METABASE_URL || undefined);
  const apiKey = flags.apiKey ?? (environment.METABASE_API_KEY || undefined);
  if (url !== undefined && apiKey === undefined) {
    throw new Problem(
      'The instance needs an API key: set METABASE_API_KEY, or add --api-key. Make one in Metabase under ' +
        'Admin settings, Authentication, API keys, and assign it to the group Administrators.',
    );
  }
  if (apiKey !== undefined && url === undefined) {
    throw new Problem(
      'There is an API key but no instance: add --url with the address at which Metabase opens in a browser, ' +
        'or set METABASE_URL. Without both, a sample Metabase stands in.',
    );
  }
  if (url !== undefined) refuseUnlessUrl(url);
  if (flags.json && !flags.once) throw new Problem('--json works only together with --once.');
  const validKey = apiKeySchema.safeParse(apiKey);
  if (apiKey !== undefined && !validKey.success) {
    throw new Problem(`The API key ${validKey.error.issues[0]?.message}.`);
  }
  return {
    instance: url !== undefined && apiKey !== undefined ? { url, apiKey } : null,
    sample: { users: flags.sampleUsers, version: flags.sampleVersion, plan: flags.samplePlan },
    name: flags.name,
    tenantId: flags.tenant,
    // The sample listens on loopback.
    allowPrivateNetwork: flags.allowPrivateNetwork ?? url === undefined,
    once: flags.once ?? false,
    json: flags.json ?? false,
    fresh: flags.fresh ?? false,
    dataDir: flags.dataDir,
    // Nobody calls the endpoint of a run that ends by itself, so it need not find its usual port free.
    port: flags.port ?? (flags.once ? 0 : defaultPort),
  };
}

/** Before anything of it is shown: people paste URLs with a password in them. */
function refuseUnlessUrl(url: string): void {
  try {
    instanceUrlCandidates(url);
  } catch (error) {
    throw new Problem(asFailure(error).message);
  }
}

function createCommand(): Command {
  return new Command('npm start --')
    .description(
      'Runs the whole system on this machine: connects a Metabase, syncs its users and licenses, and goes on ' +
        'every hour. Without an instance, a sample Metabase stands in.',
    )
    .option('--url <url>', 'the Metabase instance to connect; or METABASE_URL')
    .option('--api-key <key>', 'its API key; better in METABASE_API_KEY, where other programs do not see it')
    .option('--name <name>', 'what to call the connection')
    .option('--tenant <id>', 'the tenant to connect it for', tenantId, 'demo')
    .option('--allow-private-network', 'permit loopback and private addresses, and http to them')
    .option('--once', 'connect, sync once, print, and end')
    .option('--json', 'with --once: print one JSON document and nothing else')
    .option('--fresh', 'delete what earlier runs left, and begin anew')
    .option('--data-dir <folder>', 'where tables, secrets and logs are kept', defaultDataDir)
    .option('--port <number>', `of the HTTP API; 0 takes any free one (default: ${defaultPort})`, portNumber)
    .option('--sample-users <number>', 'how many people the sample Metabase has', userCount, 25)
    .addOption(
      new Option('--sample-version <version>', 'its version').choices(metabaseVersions).default('0.63'),
    )
    .addOption(new Option('--sample-plan <plan>', 'its plan').choices(plans).default('pro-cloud'))
    .showHelpAfterError('npm start -- --help lists what there is.');
}

function tenantId(value: string): string {
  const parsed = tenantIdSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`It ${parsed.error.issues[0]?.message}.`);
}

const portNumber = wholeNumber(0, 65_535);
const userCount = wholeNumber(1, 100_000);

function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isInteger(number) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
