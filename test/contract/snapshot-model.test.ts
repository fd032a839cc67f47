import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { undoChanges } from '#shared/domain/change.ts';
import { Failure } from '#shared/domain/errors.ts';
import type { User } from '#shared/domain/user.ts';
import { userList } from '#test/shared/domain/arbitraries.ts';
import { type DynamoDbEmulator, startDynamoDbEmulator } from '#test/support/emulators.ts';
import { createMemoryPorts } from '#test/support/memory/ports.ts';
import { createAwsPorts, type StoragePorts } from '#test/support/ports.ts';
import { connectInput, key, leaseMs, noon } from './examples.ts';
import { beginSync, collect, type RunningSync, readUsers } from './sync.ts';

type UserList = ReadonlyMap<number, User>;

/** What may happen to one connection, in any order and number. A sync that stops early writes `rows` rows. */
type Step =
  | { readonly does: 'sync'; readonly users: UserList }
  | { readonly does: 'fail'; readonly users: UserList; readonly rows: number }
  /** Nothing is heard of this sync for longer than its lease. */
  | { readonly does: 'die'; readonly users: UserList; readonly rows: number }
  /** One that seemed dead writes more rows after all, and tries to publish when it has written all of them. */
  | { readonly does: 'come back'; readonly which: number; readonly rows: number }
  /** As `sync`, while one that seemed dead writes between its reading and its writing. */
  | { readonly does: 'meet'; readonly users: UserList; readonly which: number; readonly rows: number }
  | { readonly does: 'reconnect' };

const rows = fc.nat(9);
const which = fc.nat(3);
const does = <D extends Step['does']>(name: D) => fc.constant(name);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: does('sync'), users: userList }) },
  { weight: 1, arbitrary: fc.record({ does: does('fail'), users: userList, rows }) },
  { weight: 3, arbitrary: fc.record({ does: does('die'), users: userList, rows }) },
  { weight: 3, arbitrary: fc.record({ does: does('come back'), which, rows }) },
  { weight: 2, arbitrary: fc.record({ does: does('meet'), users: userList, which, rows }) },
  { weight: 1, arbitrary: fc.record({ does: does('reconnect') }) },
);

interface Begun {
  readonly sync: RunningSync;
  readonly users: UserList;
}

/** What must be true, kept without any of the storage's tricks: the lists that were published, oldest first. */
interface Model {
  readonly published: { readonly version: number; readonly users: UserList }[];
  readonly dead: Begun[];
  /** Of the sync that may still publish because nobody came after it. */
  lastToken: number | null;
  now: Date;
}

async function take(ports: StoragePorts, model: Model, action: Step): Promise<void> {
  if (action.does === 'come back') return comeBack(model, action);
  if (action.does === 'reconnect') {
    model.lastToken = null;
    await ports.connections.disconnect(key, model.now);
    await ports.connections.connect(connectInput({ now: model.now }));
    return;
  }
  const { users } = action;
  const sync = await beginSync(ports, [...users.values()], model.now);
  model.lastToken = sync.lease.token;
  // Whoever does not finish is dead to the next one.
  model.now = new Date(model.now.getTime() + leaseMs);

  if (action.does === 'meet') {
    await comeBack(model, action);
    await finish(model, { sync, users });
    return;
  }
  if (action.does === 'sync') {
    expect(await finish(model, { sync, users })).toBe(true);
    return;
  }
  await sync.write(action.rows);
  if (action.does === 'die') model.dead.push({ sync, users });
  else await ports.leases.fail(sync.lease, { ...timedOut, now: model.now, nextSyncAt: model.now });
}

async function comeBack(model: Model, { which, rows }: { which: number; rows: number }): Promise<void> {
  const index = which % Math.max(1, model.dead.length);
  const begun = model.dead[index];
  if (!begun) return;
  const wrote = await attempt(() => begun.sync.write(rows));
  if (wrote && begun.sync.left() > 0) return;
  model.dead.splice(index, 1);
  if (wrote) await finish(model, begun);
}

/** Writes what is left, and publishes if nobody came after; says whether it did. */
async function finish(model: Model, { sync, users }: Begun): Promise<boolean> {
  if (!(await attempt(() => sync.write()))) return false;
  const published = await attempt(() => sync.finish());
  expect(published).toBe(sync.lease.token === model.lastToken);
  if (published) model.published.push({ version: sync.lease.token, users });
  return published;
}

/** Whether it went through; the only other ending allowed is that somebody else was there. */
async function attempt(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'lease_lost' });
    return false;
  }
}

const timedOut = {
  failure: new Failure('timed_out', 'Metabase did not answer.'),
  heldBack: null,
  wroteRows: true,
} as const;

async function expectWhatWasPublished(ports: StoragePorts, { published }: Model): Promise<void> {
  const last = published.at(-1);
  const view = await ports.connections.get(key);
  expect(view.publishedVersion).toBe(last?.version ?? null);
  const now = await readUsers(ports);
  expect(now).toEqual(byId(last?.users ?? new Map()));

  for (const { version, users } of published) {
    const changes = await collect(ports.snapshots.changes(key, view, version));
    const rebuilt = undoChanges(new Map(now.map((user) => [user.id, user] as const)), changes);
    expect(byId(rebuilt)).toEqual(byId(users));
  }
}

function byId(users: ReadonlyMap<unknown, User>): User[] {
  return [...users.values()].sort((a, b) => a.id - b.id);
}

function holdsFor(makePorts: () => Promise<StoragePorts>, numRuns: number, maxLength: number) {
  return fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength, size: 'max' }), async (steps) => {
      const ports = await makePorts();
      await ports.connections.connect(connectInput());
      const model: Model = { published: [], dead: [], lastToken: 0, now: noon };
      for (const action of steps) {
        await take(ports, model, action);
        await expectWhatWasPublished(ports, model);
      }
    }),
    { numRuns, seed: 2026 },
  );
}

describe('readers see exactly the last published list, and can go back to every one before it', () => {
  let dynamoDb: DynamoDbEmulator;
  beforeAll(async () => {
    dynamoDb = await startDynamoDbEmulator();
  });
  afterAll(() => dynamoDb.close());

  it('in memory, whatever syncs die and come back', () => holdsFor(async () => createMemoryPorts(), 120, 16));

  it('on DynamoDB, whatever syncs die and come back', () =>
    holdsFor(async () => createAwsPorts(await dynamoDb.createTables()), 10, 8));
});
