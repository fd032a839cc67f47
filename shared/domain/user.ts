import * as z from 'zod';

export const statusSchema = z.enum(['active', 'deactivated']);
/** Ordered from the highest to the lowest: a user has the highest that applies. */
export const roles = ['admin', 'group_manager', 'data_analyst', 'member'] as const;
export const roleSchema = z.enum(roles);
export const authSources = ['password', 'google', 'ldap', 'jwt', 'saml', 'scim', 'other'] as const;

const membershipSchema = z.object({ id: z.number().int(), isManager: z.boolean() });

/** A person's account in one Metabase instance, as published. Times are ISO 8601 in UTC; null is unknown. */
export const userSchema = z.object({
  id: z.number().int(),
  email: z.string(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  displayName: z.string(),
  status: statusSchema,
  role: roleSchema,
  kind: z.enum(['internal', 'external']),
  /** Ordered by group id, without the all-users groups. Names are in the group rows. */
  groups: z.array(membershipSchema),
  authSource: z.enum(authSources),
  joinedAt: z.string().nullable(),
  /** Null: never signed in interactively. Lags real use by up to the session age (14 days by default). */
  lastLoginAt: z.string().nullable(),
  takesSeat: z.boolean(),
  seatReason: z.enum(['active_account', 'active_tenant_account', 'deactivated']),
});

export type User = z.infer<typeof userSchema>;
export type UserStatus = User['status'];
export type UserRole = User['role'];
export type Membership = z.infer<typeof membershipSchema>;
