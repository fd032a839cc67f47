import * as z from 'zod';
import { priceListSchema } from '#shared/domain/license.ts';
import { explain } from './explain.ts';

const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue('must be JSON');
    return z.NEVER;
  }
});

/** Every variable that a function may read; each function picks those it needs. */
const variables = z.object({
  CONNECTIONS_TABLE: z.string().min(1),
  SNAPSHOTS_TABLE: z.string().min(1),
  SYNC_QUEUE_URL: z.url(),
  SECRET_PREFIX: z.string().min(1),
  SECRET_KMS_KEY_ID: z.string().min(1).optional(),
  TENANT_CLAIM: z.string().min(1),
  SYNC_INTERVAL_MINUTES: z.coerce.number().int().min(1),
  MANUAL_SYNC_MIN_SECONDS: z.coerce.number().int().min(0),
  LEASE_SECONDS: z.coerce.number().int().min(1),
  USER_PAGE_SIZE: z.coerce.number().int().min(1),
  PLAN_PRICES: json.pipe(priceListSchema),
  ALLOW_PRIVATE_NETWORK: z.stringbool(),
});
type Variables = z.infer<typeof variables>;

/**
 * Reads the variables of one function, once per cold start.
 *
 * @throws Error that names every missing or wrong variable
 */
export function readEnvironment<K extends keyof Variables>(
  names: readonly K[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Pick<Variables, K> {
  const mask = Object.fromEntries(names.map((name) => [name, true])) as Record<K, true>;
  const result = variables.pick(mask as never).safeParse(environment);
  if (!result.success) throw new Error(`The environment is incomplete: ${explain(result.error)}`);
  return result.data as Pick<Variables, K>;
}
