import { createHash } from 'node:crypto';
import * as z from 'zod';
import { tenantIdSchema } from './tenant.ts';

export const connectionStatuses = [
  /** Connected, or given a new key; the sync that follows has not finished yet. */
  'pending',
  'active',
  /** The last syncs failed for a reason that passes by itself. */
  'retrying',
  /** Someone has to act: see `reason`. */
  'needs_attention',
  /** A suspicious snapshot waits for confirmation; the last one stays published. */
  'held_back',
  'disconnected',
] as const;

export const connectionIdSchema = z.string().regex(/^[0-9a-f]{20}$/, 'must be 20 hexadecimal digits');

const connectionKeySchema = z.object({ tenantId: tenantIdSchema, connectionId: connectionIdSchema });
export type ConnectionKey = z.infer<typeof connectionKeySchema>;

const reasonSchema = z.object({ code: z.string(), message: z.string(), since: z.string() });

const summarySchema = z.object({
  users: z.number().int(),
  activeUsers: z.number().int(),
  plan: z.string().nullable(),
  edition: z.string(),
  seatsUsed: z.number().int(),
  seatLimit: z.number().int().nullable(),
});

/** One tenant's connection to one Metabase instance. Times are ISO 8601 in UTC; null is unknown or never. */
export const connectionSchema = z.object({
  ...connectionKeySchema.shape,
  instanceUrl: z.string(),
  name: z.string().nullable(),
  status: z.enum(connectionStatuses),
  /** Why the connection is not active, in words for the tenant. */
  reason: reasonSchema.nullable(),
  metabaseVersion: z.string().nullable(),
  /** Metabase's `site-uuid`: the same instance under another URL has the same. */
  instanceId: z.string().nullable(),
  connectedAt: z.string(),
  credentialUpdatedAt: z.string(),
  nextSyncAt: z.string().nullable(),
  lastAttemptAt: z.string().nullable(),
  lastSyncAt: z.string().nullable(),
  lastRequestedAt: z.string().nullable(),
  failuresInRow: z.number().int(),
  /** What the brake saw, until it repeats or is confirmed. */
  heldBack: z
    .object({ fingerprint: z.string(), missing: z.number().int(), firstSeenAt: z.string() })
    .nullable(),
  summary: summarySchema.nullable(),

  /** The version that readers see; null until the first snapshot. */
  publishedVersion: z.number().int().nullable(),
  /** Taken by the running sync, or left by one that died after it had begun to write. */
  pendingVersion: z.number().int().nullable(),
  /** Versions whose writer died: rows that carry one are not published, whatever their number. */
  abandonedVersions: z.array(z.number().int()),
  /** Grows by one with every lease: the fencing token, and the version that its holder writes. */
  leaseToken: z.number().int(),
  leaseExpiresAt: z.string().nullable(),
});

export type Connection = z.infer<typeof connectionSchema>;
export type ConnectionStatus = Connection['status'];
export type ConnectionSummary = z.infer<typeof summarySchema>;

/** The same tenant and instance always get the same id, so connecting twice is one connection with a new key. */
export function connectionIdOf(tenantId: string, instanceUrl: string): string {
  return createHash('sha256').update(`${tenantId}\n${instanceUrl}`).digest('hex').slice(0, 20);
}

/**
 * Metabase makes keys of `mb_` and 44 Base64 characters, but a configuration file may give any of 12 to 254
 * characters: docs of `MB_API_KEY` configuration, v0.54. The wording never repeats the key.
 */
export const apiKeySchema = z
  .string()
  .trim()
  .refine((key) => !/\*{3}/.test(key), {
    error:
      'is the masked form that Metabase shows in its list; create a new key and copy it when it is shown',
    abort: true,
  })
  .refine((key) => /^mb_[\x21-\x7e]{9,251}$/.test(key), {
    error: 'does not look like a Metabase API key: those begin with mb_ and have 12 to 254 characters',
  });

/** What the secret store keeps for a connection. */
export const credentialSchema = z.object({ instanceUrl: z.string(), apiKey: z.string() });
export type Credential = z.infer<typeof credentialSchema>;

/** One message, one sync of one connection. `requestedAt` is an ISO 8601 time in UTC. */
export const syncMessageSchema = z.object({
  ...connectionKeySchema.shape,
  trigger: z.enum(['connect', 'schedule', 'request', 'resync']),
  requestedAt: z.string(),
  confirmShrink: z.boolean().optional(),
});
export type SyncMessage = z.infer<typeof syncMessageSchema>;
