import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { priceListSchema } from '#shared/domain/license.ts';

const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
const retentionDays = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days < 9_999);
/** All variables of a function together may have 4 KB: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxPlanPricesBytes = 2_048;

const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], {
  error: 'must be true or false',
});

const settingsSchema = z
  .strictObject({
    stackName: matching(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, 'must be letters, digits and hyphens').default(
      'metabase-sync',
    ),
    jwtIssuer: z.string().refine(isIssuer, 'must be an https URL').optional(),
    jwtAudience: z.preprocess(
      splitList,
      z.array(z.string()).min(1, 'must name the audience of your tokens').optional(),
    ),
    tenantClaim: matching(/^\S+$/, 'must be the name of a claim').optional(),
    syncIntervalMinutes: wholeNumber(5, 1_440).default(60),
    alarmEmail: z.email({ error: 'must be an e-mail address' }).optional(),
    planPrices: z.preprocess(
      parseJson,
      priceListSchema
        .refine((prices) => JSON.stringify(prices).length <= maxPlanPricesBytes, 'must be at most 2 KB')
        .default({}),
    ),
    userPageSize: wholeNumber(1, 10_000).default(2_000),
    // AWS allows no maximum concurrency below two for a queue.
    syncConcurrency: wholeNumber(2, 1_000).default(10),
    manualSyncMinSeconds: wholeNumber(0, 86_400).default(60),
    logLevel: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('INFO'),
    logRetentionDays: z
      .preprocess(
        parseNumber,
        z
          .number({ error: 'must be a number of days' })
          .refine((days) => retentionDays.includes(days), `must be one of ${retentionDays.join(', ')}`),
      )
      .default(30),
    allowPrivateNetwork: flag.default(false),
    secretPrefix: matching(
      /^[\w+=.@-]+(\/[\w+=.@-]+)*$/,
      'must be letters, digits and _+=.@-, with no slash at its ends',
    ).default('metabase-sync'),
  })
  .refine((settings) => settings.jwtIssuer === undefined || settings.jwtAudience !== undefined, {
    path: ['jwtAudience'],
    error: 'must be given with jwtIssuer',
    when: () => true,
  })
  .refine((settings) => settings.jwtAudience === undefined || settings.jwtIssuer !== undefined, {
    path: ['jwtIssuer'],
    error: 'must be given with jwtAudience',
    when: () => true,
  });

type Settings = z.infer<typeof settingsSchema>;

/** What the operator decides, from the CDK context: `-c name=value` or `context` in cdk.json. */
export interface Config extends Omit<Settings, 'jwtIssuer' | 'jwtAudience' | 'tenantClaim'> {
  /** Who signs the tokens; null: the stack makes a Cognito user pool. */
  readonly jwt: { readonly issuer: string; readonly audience: readonly string[] } | null;
  /** The claim of the token that names the tenant. */
  readonly tenantClaim: string;
}

const examples: Record<keyof Settings, string> = {
  stackName: 'metabase-sync',
  jwtIssuer: 'https://login.example.com/',
  jwtAudience: 'metabase-sync',
  tenantClaim: 'tenant_id',
  syncIntervalMinutes: '60',
  alarmEmail: 'oncall@example.com',
  planPrices: `'{"pro-cloud":{"baseUsd":575,"includedSeats":10,"perSeatUsd":12}}'`,
  userPageSize: '2000',
  syncConcurrency: '10',
  manualSyncMinSeconds: '60',
  logLevel: 'INFO',
  logRetentionDays: '30',
  allowPrivateNetwork: 'false',
  secretPrefix: 'metabase-sync',
};

/** The settings do not fit; the message names all of them and what to type. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Keys of the CDK itself hold a colon, hyphen, at sign or slash and are passed over; every other unknown key is
 * taken for a misspelled setting.
 *
 * @throws ConfigError
 */
export function parseConfig(context: Readonly<Record<string, unknown>>): Config {
  const own = Object.fromEntries(Object.entries(context).filter(([key]) => /^\w+$/.test(key)));
  const parsed = settingsSchema.safeParse(own);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${describe(issue)}`);
    throw new ConfigError(
      `Please correct the CDK context (cdk.json, or -c on the command line):\n${problems.join('\n')}`,
    );
  }
  const { jwtIssuer, jwtAudience, tenantClaim, ...settings } = parsed.data;
  const jwt = jwtIssuer && jwtAudience ? { issuer: jwtIssuer, audience: jwtAudience } : null;
  return { ...settings, jwt, tenantClaim: tenantClaim ?? (jwt ? 'tenant_id' : 'custom:tenant_id') };
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `${issue.keys.join(', ')}: no such setting; known are ${Object.keys(examples).join(', ')}`;
  }
  const [name] = issue.path as [keyof Settings];
  return `${issue.path.join('.')}: ${issue.message}; for example -c ${name}=${examples[name]}`;
}

function matching(pattern: RegExp, error: string) {
  return z.string({ error }).regex(pattern, { error });
}

function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.preprocess(parseNumber, z.int({ error }).min(min, { error }).max(max, { error }));
}

/** `-c` gives every value as text. */
function parseNumber(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}

function parseJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function splitList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** API Gateway fetches the issuer's keys over https; only the local run has one on loopback without it. */
function isIssuer(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
  );
}
