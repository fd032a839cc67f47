import * as z from 'zod';
import type { User } from './user.ts';

/** A group of people; the all-users groups, which say nothing about a person, are left out. */
export const groupSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  kind: z.enum(['admin', 'data_analyst', 'tenant', 'ordinary']),
});

export type Group = z.infer<typeof groupSchema>;

/** Active people by group id. Metabase's own `member_count` would count API keys, too. */
export function countMembers(users: Iterable<User>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const user of users) {
    if (user.status !== 'active') continue;
    for (const { id } of user.groups) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
