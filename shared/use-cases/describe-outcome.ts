import type { SyncOutcome } from './sync-connection.ts';

/** One or two sentences for support staff; never holds a secret. */
export function describeOutcome(outcome: SyncOutcome): string {
  if (outcome.kind === 'published') {
    const { version, users, userRowsWritten, changes, seats } = outcome.header;
    return (
      `Snapshot ${version} is published: ${users.total} accounts, ${seats.used} seats in use, ` +
      `${userRowsWritten} user rows written, ${changes} changes.`
    );
  }
  return outcome.failure.message;
}
