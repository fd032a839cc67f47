import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChanges, undoChanges, userChange } from '#shared/domain/change.ts';
import { changesOf, diffRows, writesOf } from '#shared/domain/diff.ts';
import type { User } from '#shared/domain/user.ts';
import { type EntityId, type Row, visible } from '#shared/domain/versioned-row.ts';
import { userList } from './arbitraries.ts';

type Rows = Map<EntityId, Row<User>>;

/** A table in a few lines: what a writer that is never interrupted leaves. */
async function writeVersion(rows: Rows, users: Map<number, User>, version: number, abandoned: number[] = []) {
  const view = { publishedVersion: version - 1, abandonedVersions: abandoned };
  const diff = await diffRows(rows.values(), users, view, version, userChange);
  const written = [...writesOf(diff, users, version)];
  for (const row of written) rows.set(row.id, row);
  return { written, changes: [...changesOf(diff, users, userChange)] };
}

function read(rows: Rows, publishedVersion: number, abandonedVersions: number[] = []): Map<EntityId, User> {
  const users = new Map<EntityId, User>();
  for (const row of rows.values()) {
    const { state } = visible(row, { publishedVersion, abandonedVersions });
    if (state) users.set(row.id, state);
  }
  return users;
}

const asObject = (users: Map<EntityId, User>) => Object.fromEntries(users);

describe('the difference between two snapshots', () => {
  it('turns the first list into the second when its changes are applied, and back when they are undone', () =>
    fc.assert(
      fc.asyncProperty(userList, userList, async (first, second) => {
        const rows: Rows = new Map();
        await writeVersion(rows, first, 1);
        const { changes } = await writeVersion(rows, second, 2);
        expect(asObject(applyChanges(first, changes))).toEqual(asObject(second));
        expect(asObject(undoChanges(second, changes.toReversed()))).toEqual(asObject(first));
      }),
    ));

  it('writes one row for each user that differs, and none for the others', () =>
    fc.assert(
      fc.asyncProperty(userList, userList, async (first, second) => {
        const rows: Rows = new Map();
        await writeVersion(rows, first, 1);
        const { written, changes } = await writeVersion(rows, second, 2);
        const ids = [...new Set([...first.keys(), ...second.keys()])];
        const differing = ids.filter(
          (id) => JSON.stringify(first.get(id)) !== JSON.stringify(second.get(id)),
        );
        expect(written.map(({ id }) => id).sort()).toEqual(differing.sort());
        expect(changes).toHaveLength(written.length);
      }),
    ));

  it('shows the list before it until it is published, and itself afterwards', () =>
    fc.assert(
      fc.asyncProperty(userList, userList, async (first, second) => {
        const rows: Rows = new Map();
        await writeVersion(rows, first, 1);
        await writeVersion(rows, second, 2);
        expect(asObject(read(rows, 1))).toEqual(asObject(first));
        expect(asObject(read(rows, 2))).toEqual(asObject(second));
      }),
    ));

  it('repairs whatever a writer that died half way left behind', () =>
    fc.assert(
      fc.asyncProperty(userList, userList, userList, fc.nat(8), async (first, lost, second, survived) => {
        const rows: Rows = new Map();
        await writeVersion(rows, first, 1);
        const half: Rows = new Map(rows);
        const { written } = await writeVersion(half, lost, 2);
        for (const row of written.slice(0, survived)) rows.set(row.id, row);
        expect(asObject(read(rows, 1, [2]))).toEqual(asObject(first));

        const view = { publishedVersion: 1, abandonedVersions: [2] };
        const diff = await diffRows(rows.values(), second, view, 3, userChange);
        for (const row of writesOf(diff, second, 3)) rows.set(row.id, row);
        expect(asObject(read(rows, 1, [2]))).toEqual(asObject(first));
        expect(asObject(read(rows, 3, [2]))).toEqual(asObject(second));
        expect(asObject(undoChanges(second, changesOf(diff, second, userChange)))).toEqual(asObject(first));
      }),
    ));
});
