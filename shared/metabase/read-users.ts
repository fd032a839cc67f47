import { Failure } from '#shared/domain/errors.ts';
import type { User } from '#shared/domain/user.ts';
import type { Client } from './client.ts';
import type { UserRow } from './schemas.ts';
import { type Directory, toUser } from './to-snapshot.ts';

export interface ReadUsersOptions {
  readonly pageSize: number;
  /** Needed to map the first row; the first page is fetched meanwhile. */
  readonly directory: Promise<Directory>;
}

interface Listing {
  readonly users: Map<number, User>;
  /** As the last answer counted. */
  readonly total: number;
}

/**
 * Everyone, once. Pages are no snapshot: a rename between two of them moves rows, and before v0.54 people of equal
 * names change places at will. When the people do not add up to the total, one unpaged answer settles it.
 *
 * @throws Failure `list_inconsistent` when even that does not fit
 */
export async function readUsers(
  client: Client,
  options: ReadUsersOptions,
  signal: AbortSignal,
): Promise<Map<number, User>> {
  const paged = await readPages(client, options, signal);
  if (isComplete(paged)) return paged.users;
  const whole = await readAtOnce(client, options, signal);
  if (isComplete(whole)) return whole.users;
  throw new Failure(
    'list_inconsistent',
    `Metabase lists ${whole.users.size} accounts and counts ${whole.total}. Nothing new is published until the two agree; check whether a proxy or a cache changes the answers.`,
  );
}

function isComplete({ users, total }: Listing): boolean {
  return users.size === total;
}

/** Ends with the rows that were received, never with the echoed limit; a short page is the last one in any case. */
async function readPages(
  client: Client,
  { pageSize, directory }: ReadUsersOptions,
  signal: AbortSignal,
): Promise<Listing> {
  const users = new Map<number, User>();
  for (let offset = 0; ; ) {
    const page = await client.users({ limit: pageSize, offset }, signal);
    keep(page.rows, await directory, users);
    offset += page.received;
    if (offset >= page.total || page.received < pageSize) return { users, total: page.total };
  }
}

async function readAtOnce(
  client: Client,
  { directory }: ReadUsersOptions,
  signal: AbortSignal,
): Promise<Listing> {
  const users = new Map<number, User>();
  const { rows, total } = await client.users('all', signal);
  keep(rows, await directory, users);
  return { users, total };
}

/** Whoever comes twice is as the later row says. */
function keep(rows: Iterable<UserRow>, directory: Directory, users: Map<number, User>): void {
  for (const row of rows) users.set(row.id, toUser(row, directory));
}
