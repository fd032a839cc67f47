import fc from 'fast-check';
import { type Membership, roles, type User } from '#shared/domain/user.ts';

const time = fc
  .integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2026, 0, 1) })
  .map((ms) => new Date(ms).toISOString());

const groups: fc.Arbitrary<Membership[]> = fc
  .uniqueArray(fc.record({ id: fc.integer({ min: 2, max: 6 }), isManager: fc.boolean() }), {
    selector: ({ id }) => id,
  })
  .map((memberships) => memberships.sort((a, b) => a.id - b.id));

/** Few values for every field, so that two lists share users that differ in one thing or two. */
function userWithId(id: number): fc.Arbitrary<User> {
  return fc
    .record({
      email: fc.constantFrom(`u${id}@example.com`, `new${id}@example.com`),
      firstName: fc.constantFrom('Ana', 'Bo', null),
      lastName: fc.constantFrom('Li', null),
      displayName: fc.constantFrom('Ana Li', 'Bo'),
      status: fc.constantFrom('active' as const, 'deactivated' as const),
      role: fc.constantFrom(...roles),
      kind: fc.constantFrom('internal' as const, 'external' as const),
      groups,
      authSource: fc.constantFrom('password' as const, 'saml' as const),
      joinedAt: fc.option(time),
      lastLoginAt: fc.option(time),
    })
    .map((fields) => ({
      id,
      ...fields,
      takesSeat: fields.status === 'active',
      seatReason: fields.status === 'active' ? ('active_account' as const) : ('deactivated' as const),
    }));
}

/** A list of users as one reading may give it, by id. */
export const userList: fc.Arbitrary<Map<number, User>> = fc
  .uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 8 })
  .chain((ids) => fc.tuple(...ids.map(userWithId)))
  .map((users) => new Map(users.map((user) => [user.id, user])));

export function someUser(fields: Partial<User> = {}): User {
  return {
    id: 7,
    email: 'ana@example.com',
    firstName: 'Ana',
    lastName: 'Li',
    displayName: 'Ana Li',
    status: 'active',
    role: 'member',
    kind: 'internal',
    groups: [],
    authSource: 'password',
    joinedAt: '2025-01-01T00:00:00.000Z',
    lastLoginAt: null,
    takesSeat: true,
    seatReason: 'active_account',
    ...fields,
  };
}
