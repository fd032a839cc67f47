import * as z from 'zod';

/**
 * What is used of Metabase's answers, v0.49 to v0.63. Further fields are dropped; fields that came later than v0.49
 * are optional; every other one is required, because an administrator always sees it.
 */

export const currentUserSchema = z.object({ id: z.int(), is_superuser: z.boolean() });
export type CurrentUser = z.infer<typeof currentUserSchema>;

/** Nothing to fail a sync for: what does not fit is unknown. */
const told = <T>(schema: z.ZodType<T>) => schema.nullish().catch(null);

/** A setting that the caller may not see is absent; one that is visible and empty is null. */
export const propertiesSchema = z.object({
  version: told(z.object({ tag: z.string() })),
  'site-uuid': told(z.string()),
  'is-hosted?': told(z.boolean()),
  'active-users-count': told(z.int()),
  'token-status': z.unknown().optional(),
});
export type Properties = z.infer<typeof propertiesSchema>;

/** Only `valid` and `status` are always there; the later ones came with v0.50. */
export const tokenStatusSchema = z.object({
  valid: z.boolean(),
  status: z.string(),
  'error-details': z.string().nullish(),
  trial: z.boolean().nullish(),
  'valid-thru': z.string().nullish(),
  'plan-alias': z.string().nullish(),
  features: z.array(z.string()).nullish(),
  'max-users': z.number().nullish(),
});
export type TokenStatus = z.infer<typeof tokenStatusSchema>;

/** No instance has as many accounts, and no worker the memory for them. */
const maxUsers = 1_000_000;

export const userListSchema = z.object({
  data: z.array(z.unknown()),
  total: z.int().nonnegative().max(maxUsers),
});

export const userRowSchema = z.object({
  id: z.int(),
  email: z.string(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  common_name: z.string().nullish(),
  is_active: z.boolean(),
  is_superuser: z.boolean(),
  /** v0.59. */
  is_data_analyst: z.boolean().nullish(),
  sso_source: z.string().nullish(),
  /** v0.56. */
  tenant_id: z.int().nullish(),
  date_joined: z.string().nullish(),
  last_login: z.string().nullish(),
  group_ids: z.array(z.int()).nullish(),
});
export type UserRow = z.infer<typeof userRowSchema>;

export const groupRowSchema = z.object({
  id: z.int(),
  name: z.string(),
  /** v0.56, null for the groups that people made; absent before. */
  magic_group_type: z.string().nullish(),
  /** v0.56. */
  is_tenant_group: z.boolean().nullish(),
});
export type GroupRow = z.infer<typeof groupRowSchema>;

/** By user id. */
export const membershipMapSchema = z.record(z.string(), z.unknown());
export const membershipRowsSchema = z.array(
  z.object({ group_id: z.int(), is_group_manager: z.boolean().nullish() }),
);
export type MembershipRow = z.infer<typeof membershipRowsSchema>[number];
