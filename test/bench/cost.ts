import { retentionDays } from '#shared/domain/snapshot.ts';

/** US dollars in us-east-1, on demand, without the free tiers. */
const prices = {
  millionWriteUnits: 0.625,
  millionReadUnits: 0.125,
  /** Of which 0.20 for point-in-time recovery. */
  storedGbMonth: 0.45,
  secretMonth: 0.4,
  millionSecretReads: 5,
  keyMonth: 1,
  millionKeyUses: 3,
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  millionInvocations: 0.2,
  millionQueueRequests: 0.4,
  millionScheduledTicks: 1,
} as const;

export const assumptions = {
  tenants: 1_000,
  usersPerTenant: 500,
  hoursPerMonth: 730,
  daysPerMonth: 365 / 12,
  /** Renamed, joined, left, moved to another group …: a row and an entry of the log. */
  shareChangedPerDay: 0.02,
  /** Whose last sign-in moved, which costs as much. Sessions last 14 days, so it is far fewer than use Metabase. */
  shareSignedInPerDay: 0.1,
  /** What the loopback interface hides: four answers of an instance on the other side of the internet. */
  networkMsPerSync: 1_000,
  /** With the 100 bytes that DynamoDB adds to each item. */
  bytesPerRow: 500,
  bytesPerLogEntry: 500,
  bytesPerHeader: 900,
  syncMemoryMb: 1_024,
  dispatchMemoryMb: 512,
  /** Lambda gives a whole core at 1,769 MB: docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
  memoryMbOfOneCore: 1_769,
  ticksPerHour: 60,
  /** Starting, an empty look at each shard, a few messages. */
  dispatchMsPerTick: 100,
  dueShards: 8,
  /** An eventually consistent query that finds nothing, which the emulator gives away. */
  readUnitsOfEmptyQuery: 0.5,
  /** Moving an entry of the due index: one out, one in. The emulator does not count indexes. */
  indexWriteUnitsPerMove: 2,
  /** Pollers of the event source mapping that find nothing: five, each asking every 20 seconds. */
  idlePollsPerMinute: 15,
} as const;

/** What was measured, of one sync or one connection. */
export interface Measured {
  readonly unchangedSync: {
    readonly writeUnits: number;
    readonly readUnits: number;
    readonly wallMs: number;
  };
  /** Beyond those of an unchanged sync. */
  readonly writeUnitsPerChangedUser: number;
  readonly dispatch: { readonly writeUnits: number; readonly readUnits: number; readonly wallMs: number };
}

export interface CostLine {
  readonly what: string;
  /** How the amount comes about, in words. */
  readonly because: string;
  readonly usd: number;
}

type Assumptions = { readonly [Name in keyof typeof assumptions]: number };

/** A month of hourly syncs. */
export function monthlyCost(measured: Measured, given: Assumptions = assumptions): CostLine[] {
  const syncs = given.tenants * given.hoursPerMonth;
  const ticks = given.ticksPerHour * given.hoursPerMonth;
  const users = given.tenants * given.usersPerTenant;
  const changedUsersPerDay = users * (given.shareChangedPerDay + given.shareSignedInPerDay);
  const changedUsers = changedUsersPerDay * given.daysPerMonth;
  const { unchangedSync, dispatch } = measured;

  const writeUnits =
    syncs * (unchangedSync.writeUnits + dispatch.writeUnits + given.indexWriteUnitsPerMove) +
    changedUsers * measured.writeUnitsPerChangedUser;
  const readUnits =
    syncs * (unchangedSync.readUnits + dispatch.readUnits) +
    ticks * given.dueShards * given.readUnitsOfEmptyQuery;

  const headers = given.tenants * (24 * retentionDays.hourlyHeader + retentionDays.dailyHeader);
  const storedGb =
    (users * given.bytesPerRow +
      changedUsersPerDay * retentionDays.change * given.bytesPerLogEntry +
      headers * given.bytesPerHeader) /
    1e9;

  const syncMs =
    (unchangedSync.wallMs * given.memoryMbOfOneCore) / given.syncMemoryMb + given.networkMsPerSync;
  const dispatchMs =
    given.dispatchMsPerTick +
    (dispatch.wallMs * (syncs / ticks) * given.memoryMbOfOneCore) / given.dispatchMemoryMb;
  const gbSeconds =
    (syncs * syncMs * given.syncMemoryMb + ticks * dispatchMs * given.dispatchMemoryMb) / 1000 / 1024;

  // A tick sends one batch a shard when it has anything for it; a message is received and deleted by itself.
  const sends = Math.min(ticks * given.dueShards, syncs);
  const queueRequests = sends + 2 * syncs + ticks * given.idlePollsPerMinute;

  return [
    line('Secrets, kept', given.tenants * prices.secretMonth, `${count(given.tenants)} secrets`),
    line('Secrets, read', millions(syncs) * prices.millionSecretReads, `${count(syncs)} reads, one a sync`),
    line(
      'KMS',
      prices.keyMonth + millions(syncs) * prices.millionKeyUses,
      `one key, ${count(syncs)} decryptions`,
    ),
    line(
      'DynamoDB writes',
      millions(writeUnits) * prices.millionWriteUnits,
      `${count(writeUnits)} units, ${count(changedUsers)} changed users among them`,
    ),
    line('DynamoDB reads', millions(readUnits) * prices.millionReadUnits, `${count(readUnits)} units`),
    line(
      'DynamoDB storage',
      storedGb * prices.storedGbMonth,
      `${count(storedGb)} GB with ${retentionDays.change} days of the change log`,
    ),
    line(
      'Lambda',
      gbSeconds * prices.lambdaGbSecond + millions(syncs + ticks) * prices.millionInvocations,
      `${count(gbSeconds)} GB-s: ${count(syncs)} syncs of ${count(syncMs)} ms, ${count(ticks)} ticks of ${count(dispatchMs)} ms`,
    ),
    line('SQS', millions(queueRequests) * prices.millionQueueRequests, `${count(queueRequests)} requests`),
    line('Scheduler', millions(ticks) * prices.millionScheduledTicks, `${count(ticks)} ticks`),
  ];
}

function line(what: string, usd: number, because: string): CostLine {
  return { what, because, usd };
}

function millions(amount: number): number {
  return amount / 1e6;
}

function count(amount: number): string {
  return Math.round(amount).toLocaleString('en-US');
}
