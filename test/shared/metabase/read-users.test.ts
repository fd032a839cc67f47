import { expect, test } from 'vitest';
import type { Client } from '#shared/metabase/client.ts';
import { readUsers } from '#shared/metabase/read-users.ts';
import type { UserRow } from '#shared/metabase/schemas.ts';
import { toDirectory } from '#shared/metabase/to-snapshot.ts';
import { failureOf } from './support/failure.ts';

const person = (id: number, first_name = 'Ana'): UserRow => ({
  id,
  email: `${id}@example.com`,
  first_name,
  is_active: true,
  is_superuser: false,
});
const people = (...ids: number[]) => ids.map((id) => person(id));

type Answer = { rows: UserRow[]; total: number };

/** Gives these answers one after another, and notes what was asked. */
function reading(answers: Answer[], pageSize: number) {
  const asked: unknown[] = [];
  const users: Client['users'] = async (page) => {
    asked.push(page);
    const { rows, total } = answers.shift() ?? expect.fail('One call too many.');
    return { rows, total, received: rows.length };
  };
  const directory = Promise.resolve(toDirectory([], []));
  const result = readUsers({ users } as Client, { pageSize, directory }, new AbortController().signal);
  return { result, asked };
}

test('takes one call when everyone fits on a page', async () => {
  const { result, asked } = reading([{ rows: people(3, 1, 2), total: 3 }], 3);
  expect([...(await result).keys()].sort()).toEqual([1, 2, 3]);
  expect(asked).toEqual([{ limit: 3, offset: 0 }]);
});

test('goes on until as many rows came as there are people', async () => {
  const { result, asked } = reading(
    [
      { rows: people(1, 2), total: 5 },
      { rows: people(3, 4), total: 5 },
      { rows: people(5), total: 5 },
    ],
    2,
  );
  expect((await result).size).toBe(5);
  expect(asked).toEqual([0, 2, 4].map((offset) => ({ limit: 2, offset })));
});

test('finds an empty list complete', async () => {
  await expect(reading([{ rows: [], total: 0 }], 2).result).resolves.toEqual(new Map());
});

test('reads everyone at once when a page repeated someone and so left someone out', async () => {
  const { result, asked } = reading(
    [
      { rows: people(1, 2), total: 3 },
      { rows: people(2), total: 3 },
      { rows: people(1, 2, 3), total: 3 },
    ],
    2,
  );
  expect([...(await result).keys()]).toEqual([1, 2, 3]);
  expect(asked.at(-1)).toBe('all');
});

test('takes someone who comes twice as the later page says', async () => {
  const { result } = reading(
    [
      { rows: [person(1), person(2, 'Old')], total: 3 },
      { rows: [person(3), person(2, 'New')], total: 3 },
    ],
    2,
  );
  expect((await result).get(2)?.firstName).toBe('New');
});

test('does not page on after a short page: a server with a limit of its own is asked for everyone at once', async () => {
  const { result, asked } = reading(
    [
      { rows: people(1), total: 3 },
      { rows: people(1, 2, 3), total: 3 },
    ],
    2,
  );
  expect((await result).size).toBe(3);
  expect(asked).toHaveLength(2);
});

test('takes the newest total when someone joins meanwhile', async () => {
  const { result } = reading(
    [
      { rows: people(1, 2), total: 3 },
      { rows: people(3, 4), total: 4 },
    ],
    2,
  );
  expect((await result).size).toBe(4);
});

test.each([2, 4])('refuses a list of 3 people that counts %i, and says both numbers', async (total) => {
  const everyone = { rows: people(1, 2, 3), total };
  const failure = await failureOf(reading([everyone, everyone], 5).result);
  expect(failure.code).toBe('list_inconsistent');
  expect(failure.message).toMatch(
    new RegExp(`lists 3 accounts and counts ${total}.*Nothing new is published`),
  );
});
