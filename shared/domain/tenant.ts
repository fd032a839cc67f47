import * as z from 'zod';

/**
 * Tenant ids come from a token claim and become part of table keys and secret names, so only characters that
 * mean nothing in either are allowed.
 */
export const tenantIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}$/, 'must be 1 to 128 letters, digits, or any of _ . @ -');
