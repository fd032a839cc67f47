import type { SnapshotDocument } from './snapshot-document.ts';

type Snapshot = SnapshotDocument['snapshot'];
type License = Snapshot['licenses'][number];

const shownUsers = 10;
const shownChanges = 10;

/** A snapshot in a terminal of 100 columns or more. */
export function printSnapshot({ connection, snapshot, metrics }: SnapshotDocument): string {
  const { users } = snapshot;
  const rows = users
    .slice(0, shownUsers)
    .map((user) => [
      String(user.id),
      cut(user.displayName, 24),
      cut(user.email, 34),
      user.status,
      user.role,
      user.authSource,
      user.lastLoginAt?.slice(0, 10) ?? 'never',
    ]);
  const kilobytes = Math.ceil(metrics.metabaseBytes / 1000);
  return [
    `Snapshot ${snapshot.version} of Metabase ${connection.metabaseVersion ?? '(version unknown)'} at ${connection.instanceUrl}`,
    '',
    ...table([['id', 'name', 'e-mail', 'status', 'role', 'signs in by', 'last login'], ...rows]),
    ...(users.length > shownUsers ? [`  … and ${users.length - shownUsers} more`] : []),
    '',
    `  Users     ${countUsers(users)}`,
    ...snapshot.licenses.flatMap(describeLicense),
    `  Changes   ${describeChanges(snapshot)}`,
    `  This sync ${metrics.metabaseRequests} calls to Metabase (${kilobytes} kB), ` +
      `${metrics.userRowsWritten} user rows written, ${metrics.durationMs} ms`,
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    return `  ${cells.join('  ')}`.trimEnd();
  });
}

function countUsers(users: Snapshot['users']): string {
  const count = (is: (user: Snapshot['users'][number]) => boolean) => users.filter(is).length;
  return [
    `${users.length} accounts`,
    `${count(({ status }) => status === 'active')} active`,
    `${count(({ status }) => status === 'deactivated')} deactivated`,
    `${count(({ kind }) => kind === 'external')} external`,
    `${count(({ status, role }) => status === 'active' && role === 'admin')} active administrators`,
  ].join(', ');
}

function describeLicense({
  plan,
  edition,
  tokenStatus,
  trial,
  validUntil,
  seats,
  countAgrees,
}: License): string[] {
  const name = plan ?? edition.replace('_', ' ');
  const token = tokenStatus === 'absent' ? 'no license token' : `token ${tokenStatus}`;
  const until = validUntil === null ? '' : ` until ${validUntil.slice(0, 10)}`;
  const limit =
    seats.limit === null ? 'Metabase tells no limit' : `limit ${seats.limit}, ${seats.available} available`;
  const agreement =
    countAgrees === null ? '' : `; Metabase's own count ${countAgrees ? 'agrees' : 'DOES NOT agree'}`;
  return [
    `  License   ${name}, ${token}${until}${trial ? ', trial' : ''}`,
    `  Seats     ${seats.used} used, ${limit}${agreement}`,
  ];
}

function describeChanges({ users, changes }: Snapshot): string {
  if (changes.length === 0) return 'none';
  const names = new Map(users.map(({ id, displayName }) => [id, displayName]));
  const words = changes
    .slice(0, shownChanges)
    .map(
      ({ kind, userId }) =>
        `${kind.replaceAll('_', ' ')}${userId === null ? '' : `: ${names.get(userId) ?? userId}`}`,
    );
  const more = changes.length > shownChanges ? ` … and ${changes.length - shownChanges} more` : '';
  return `${words.join('; ')}${more}`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
