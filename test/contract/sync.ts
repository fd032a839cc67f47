import { userChange } from '#shared/domain/change.ts';
import type { ConnectionKey } from '#shared/domain/connection.ts';
import { changesOf, diffRows, writesOf } from '#shared/domain/diff.ts';
import { Failure } from '#shared/domain/errors.ts';
import type { User } from '#shared/domain/user.ts';
import type { RowWrite, View } from '#shared/domain/versioned-row.ts';
import type { Lease } from '#shared/use-cases/ports.ts';
import type { StoragePorts } from '#test/support/ports.ts';
import { key, leaseMs, never, publishInput } from './examples.ts';

/** One sync of the users as far as storage is concerned, to be stopped and resumed between any two steps. */
export interface RunningSync {
  readonly lease: Lease;
  /** Writes at most `count` of the rows that are left; all of them by default. Gives the number written. */
  write(count?: number): Promise<number>;
  /** Rows still to write. */
  left(): number;
  /** Logs the changes and publishes. */
  finish(): Promise<void>;
}

/** Takes the lease and compares; writes nothing yet. */
export async function beginSync(
  ports: StoragePorts,
  users: readonly User[],
  now: Date,
): Promise<RunningSync> {
  const lease = await ports.leases.acquire(key, now, leaseMs);
  const { token, connection } = lease;
  const desired = new Map(users.map((user) => [user.id, user]));
  const diff = await diffRows(ports.snapshots.rows(key, 'user'), desired, connection, token, userChange);
  const remaining: RowWrite<User>[] = [...writesOf(diff, desired, token)];

  return {
    lease,
    write: (count = remaining.length) =>
      ports.snapshots.writeRows(key, 'user', remaining.splice(0, count), now, never),
    left: () => remaining.length,
    async finish() {
      if (connection.publishedVersion !== null) {
        await ports.snapshots.logChanges(key, token, changesOf(diff, desired, userChange), now, never);
      }
      await ports.leases.publish(lease, publishInput({ now }));
    },
  };
}

/** A whole sync; gives the published version. */
export async function sync(ports: StoragePorts, users: readonly User[], now: Date): Promise<number> {
  const running = await beginSync(ports, users, now);
  await running.write();
  await running.finish();
  return running.lease.token;
}

/** What readers see now, through pages of `limit`. */
export async function readUsers(ports: StoragePorts, limit = 3, of: ConnectionKey = key): Promise<User[]> {
  return readUsersAs(ports, await ports.connections.get(of), limit, of);
}

export async function readUsersAs(
  ports: StoragePorts,
  view: View,
  limit = 3,
  of: ConnectionKey = key,
): Promise<User[]> {
  const users: User[] = [];
  let cursor: string | undefined;
  do {
    const page = await ports.snapshots.users(of, view, { limit, cursor });
    users.push(...page.users);
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return users;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** The code of the Failure that a call ends with; any other ending is an error of the test. */
export async function failureCode(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  throw new Error('The call succeeded; it should have been refused');
}
