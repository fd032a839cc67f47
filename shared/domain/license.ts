import * as z from 'zod';

export const editions = ['open_source', 'starter', 'pro', 'enterprise', 'other'] as const;
export const tokenStatuses = ['valid', 'invalid', 'absent', 'unverified'] as const;

const seatsSchema = z.object({
  used: z.number().int(),
  /** Null where nobody told a limit: ordinary plans bill by use and have none. */
  limit: z.number().int().nullable(),
  available: z.number().int().nullable(),
});

/** The license of one instance. Metabase has one per instance, so `licenseId` is always `metabase`. */
export const licenseSchema = z.object({
  licenseId: z.string(),
  plan: z.string().nullable(),
  edition: z.enum(editions),
  hosting: z.enum(['cloud', 'self_hosted']).nullable(),
  tokenStatus: z.enum(tokenStatuses),
  trial: z.boolean().nullable(),
  validUntil: z.string().nullable(),
  features: z.array(z.string()),
  seats: seatsSchema,
  /** Whether the active users counted here are as many as Metabase reports for billing; null: it did not tell. */
  countAgrees: z.boolean().nullable(),
  /** US dollars a month under the operator's price list; null where the plan is not on it. */
  monthlyPriceUsd: z.number().nullable(),
});
export type License = z.infer<typeof licenseSchema>;
type Edition = License['edition'];

/** What an instance tells about its license, null or absent where it does not. */
export interface LicenseFacts {
  /** `none`: no token is installed, which is the normal answer of an open-source instance. */
  readonly token: TokenFacts | 'none' | 'unreadable';
  readonly hosted: boolean | null;
  readonly activeUsersCount: number | null;
}

export interface TokenFacts {
  readonly valid: boolean;
  readonly status: string;
  readonly errorDetails: string | null;
  readonly trial: boolean | null;
  readonly validThru: string | null;
  readonly planAlias: string | null;
  readonly features: readonly string[];
  readonly maxUsers: number | null;
}

/** `baseUsd` includes `includedSeats`; every further seat costs `perSeatUsd`. All per month. */
const planPriceSchema = z.object({
  baseUsd: z.number().nonnegative(),
  includedSeats: z.number().int().nonnegative(),
  perSeatUsd: z.number().nonnegative(),
});
export type PlanPrice = z.infer<typeof planPriceSchema>;
/** By plan alias, as Metabase names it. Prices are the operator's to say: no instance tells them reliably. */
export const priceListSchema = z.record(z.string(), planPriceSchema);
export type PriceList = z.infer<typeof priceListSchema>;

function monthlyPriceUsd(price: PlanPrice, seatsUsed: number): number {
  return price.baseUsd + Math.max(0, seatsUsed - price.includedSeats) * price.perSeatUsd;
}

/** What giving back unused seats saves a month. Seats inside the included number save nothing. */
export function savingsUsd(price: PlanPrice, seatsUsed: number, unusedSeats: number): number {
  return monthlyPriceUsd(price, seatsUsed) - monthlyPriceUsd(price, seatsUsed - unusedSeats);
}

/**
 * The license as published. One `valid: false` is no cancellation: the store that verifies tokens may have been out
 * of reach, so what was known stays until a second reading says the same.
 */
export function readLicense(
  facts: LicenseFacts,
  seatsUsed: number,
  previous: License | null,
  prices: PriceList = {},
): License {
  const entitlement = readEntitlement(facts.token, previous);
  const { limit } = entitlement;
  const price = entitlement.plan === null ? undefined : prices[entitlement.plan];
  const { activeUsersCount } = facts;
  return {
    licenseId: 'metabase',
    plan: entitlement.plan,
    edition: entitlement.edition,
    hosting: facts.hosted === null ? null : facts.hosted ? 'cloud' : 'self_hosted',
    tokenStatus: entitlement.tokenStatus,
    trial: entitlement.trial,
    validUntil: entitlement.validUntil,
    features: entitlement.features,
    seats: { used: seatsUsed, limit, available: limit === null ? null : Math.max(0, limit - seatsUsed) },
    countAgrees: activeUsersCount === null ? null : activeUsersCount === seatsUsed,
    monthlyPriceUsd: price ? monthlyPriceUsd(price, seatsUsed) : null,
  };
}

type Entitlement = Pick<License, 'plan' | 'edition' | 'tokenStatus' | 'trial' | 'validUntil' | 'features'> & {
  limit: number | null;
};

function readEntitlement(token: LicenseFacts['token'], previous: License | null): Entitlement {
  if (token === 'none') return absent;
  const known = previous && previous.tokenStatus !== 'absent' ? carriedOver(previous) : null;
  if (token === 'unreadable') return known ?? { ...absent, edition: 'other', tokenStatus: 'unverified' };

  const told: Entitlement = {
    plan: token.planAlias,
    edition: editionOf(token),
    tokenStatus: token.valid ? 'valid' : 'invalid',
    trial: token.trial,
    validUntil: token.validThru,
    features: [...token.features].sort(),
    limit: token.maxUsers !== null && token.maxUsers > 0 ? token.maxUsers : null,
  };
  if (token.valid) return told;
  if (previous?.tokenStatus === 'valid' && known) return known;
  return saysStoreWasOutOfReach(token) ? (known ?? { ...told, tokenStatus: 'unverified' }) : told;
}

const absent: Entitlement = {
  plan: null,
  edition: 'open_source',
  tokenStatus: 'absent',
  trial: null,
  validUntil: null,
  features: [],
  limit: null,
};

function carriedOver(previous: License): Entitlement {
  const { plan, edition, trial, validUntil, features, seats } = previous;
  return { plan, edition, trial, validUntil, features, limit: seats.limit, tokenStatus: 'unverified' };
}

function editionOf({ planAlias, maxUsers, features }: TokenFacts): Edition {
  const plan = planAlias?.toLowerCase() ?? '';
  if (plan.startsWith('starter')) return 'starter';
  if (plan.startsWith('pro')) return 'pro';
  if (plan.includes('enterprise')) return 'enterprise';
  // Only enterprise contracts come with an air-gapped token, and only those carry a cap.
  if (plan === '' && maxUsers !== null && features.length > 0) return 'enterprise';
  return 'other';
}

/** English words of v0.49 to v0.63; a translated text is caught by the second reading instead. */
function saysStoreWasOutOfReach({ status, errorDetails }: TokenFacts): boolean {
  return /timed? ?out|unavailable|unable to validate|unreachable|could not connect/i.test(
    `${status} ${errorDetails ?? ''}`,
  );
}

const entitlementFields = [
  'plan',
  'edition',
  'hosting',
  'tokenStatus',
  'trial',
  'validUntil',
  'features',
] as const;

/** What the license grants, without the use of it: only a change of this is an event in the change log. */
export function grants(license: License) {
  return {
    ...Object.fromEntries(entitlementFields.map((field) => [field, license[field]])),
    limit: license.seats.limit,
  };
}
