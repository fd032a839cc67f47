import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startSampleMetabase } from '#test/metabase/server.ts';
import { createAdapter, credentialFor } from './support/adapter.ts';
import { failureOf } from './support/failure.ts';
import { json, routes, startServer } from './support/loopback-server.ts';

describe('before the reading began', () => {
  test('a revoked key is rejected, although the public settings still answer', async () => {
    await using sample = await startSampleMetabase();
    sample.revokeKey(sample.adminKey);
    expect((await failureOf(createAdapter().read(credentialFor(sample)))).code).toBe('credentials_rejected');
  });

  test.each(['member', 'analyst'] as const)('the key of a %s reads nothing', async (who) => {
    await using sample = await startSampleMetabase();
    const key = who === 'member' ? sample.memberKey : sample.analystKey;
    const failure = await failureOf(createAdapter().read(credentialFor(sample, key)));
    expect(failure.code).toBe('admin_rights_missing');
    const asked = sample.requests.filter(({ path }) => path === '/api/user/current');
    expect(asked).toHaveLength(1);
  });

  test('a key whose group was deleted falls back and is told so', async () => {
    await using sample = await startSampleMetabase();
    sample.deleteGroupOf(sample.adminKey);
    const failure = await failureOf(createAdapter().read(credentialFor(sample)));
    expect(failure.message).toMatch(/A key whose group was deleted falls back to All Users/);
  });
});

/** An instance that shows an administrator's settings, and then what is given. */
async function readFrom(table: Record<string, RequestListener>) {
  const everything = {
    '/api/session/properties': json({
      version: { tag: 'v0.63.2' },
      'active-users-count': 1,
      'token-status': null,
    }),
    '/api/user': json({ data: [person], total: 1, limit: 2000, offset: 0 }),
    '/api/user/current': json({ id: 9, is_superuser: true }),
    '/api/permissions/group': json([{ id: 1, name: 'All Users' }]),
    '/api/permissions/membership': json({ 1: [{ group_id: 1, is_group_manager: false }] }),
    ...table,
  };
  await using server = await startServer(routes(everything));
  const result = await createAdapter()
    .read({ instanceUrl: server.url, apiKey: 'mb_1' })
    .catch((error: unknown) => error);
  return { result, asked: server.requests.filter((path) => path.endsWith('/current')).length };
}

const person = { id: 1, email: 'ana@example.com', is_active: true, is_superuser: false };
const basicPerson = {
  id: 1,
  email: 'ana@example.com',
  first_name: 'Ana',
  last_name: 'Li',
  common_name: 'Ana Li',
};
const refuse =
  (status: number): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/plain' }).end('Kein Zugriff.');
const noAdmin = json({ id: 9, is_superuser: false });

describe('in the middle of the reading', () => {
  test('the sample of these tests can be read', async () => {
    expect((await readFrom({})).result).toMatchObject({ users: expect.any(Map), requests: 4 });
  });

  test('fewer columns than an administrator sees are traced to the key', async () => {
    const { result, asked } = await readFrom({
      '/api/user': json({ data: [basicPerson], total: 1 }),
      '/api/user/current': noAdmin,
    });
    expect(result).toMatchObject({
      code: 'admin_rights_missing',
      message: expect.stringMatching(/key works, but/),
    });
    expect(asked).toBe(1);
  });

  test('a refusal is traced to the key', async () => {
    const { result } = await readFrom({
      '/api/permissions/group': refuse(403),
      '/api/user/current': noAdmin,
    });
    expect(result).toMatchObject({ message: expect.stringMatching(/key works, but/) });
  });

  test('an administrator whose settings are hidden is not asked about, because the answers prove it', async () => {
    const { result, asked } = await readFrom({ '/api/session/properties': json({}) });
    expect(result).toMatchObject({ requests: 5, licenseFacts: { activeUsersCount: null } });
    expect(asked).toBe(0);
  });

  test('a refusal of an administrator is told as it is', async () => {
    const { result, asked } = await readFrom({ '/api/permissions/membership': refuse(403) });
    expect(result).toMatchObject({
      code: 'admin_rights_missing',
      message: expect.stringMatching(/refused \/api\/permissions\/membership \(status 403\)/),
    });
    expect(asked).toBe(1);
  });

  test('a key that was revoked is rejected', async () => {
    const { result } = await readFrom({ '/api/user': refuse(401) });
    expect(result).toMatchObject({ code: 'credentials_rejected' });
    const late = await readFrom({ '/api/user': refuse(403), '/api/user/current': refuse(401) });
    expect(late.result).toMatchObject({ code: 'credentials_rejected' });
  });
});

describe('an answer that is not understood names its first odd field, never a value', () => {
  const odd: [string, Record<string, RequestListener>, RegExp][] = [
    [
      'a row',
      { '/api/user': json({ data: [person, { ...person, email: 7 }], total: 2 }) },
      /field data\.1\.email /,
    ],
    ['no rows', { '/api/user': json({ users: [] }) }, /\/api\/user .*field data /],
    ['a foolish total', { '/api/user': json({ data: [], total: 10 ** 9 }) }, /field total /],
    [
      'a group',
      { '/api/permissions/group': json([{ id: 'x', name: 'x' }]) },
      /permissions\/group .*field 0\.id /,
    ],
    ['no groups', { '/api/permissions/group': json({}) }, /permissions\/group was not understood: it is not/],
    [
      'a membership',
      { '/api/permissions/membership': json({ 7: [{ group_id: 'x' }] }) },
      /permissions\/membership .*field 7\.0\.group_id /,
    ],
    ['settings', { '/api/session/properties': json(['x']) }, /session\/properties .*: it is not/],
  ];

  test.each(odd)('in %s', async (_where, table, sentence) => {
    const { result } = await readFrom(table);
    expect(result).toMatchObject({
      code: 'response_invalid',
      message: expect.stringMatching(sentence),
    });
    expect(result).not.toHaveProperty('cause');
  });
});
