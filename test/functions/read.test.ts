import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMemorySystem } from '#test/support/memory-system.ts';

let system: Awaited<ReturnType<typeof startMemorySystem>>;
let connectionId: string;

beforeAll(async () => {
  system = await startMemorySystem({ users: 40 });
  connectionId = await system.connect();
});
afterAll(() => system[Symbol.asyncDispose]());

const users = (query: Record<string, string> = {}, tenant = 'acme') =>
  system.request('GET /v1/connections/{connectionId}/users', `/v1/connections/${connectionId}/users`, {
    query,
    tenant,
  });

describe('reading', () => {
  it('shows an empty list before the first snapshot', async () => {
    expect((await users()).body).toEqual({ snapshot: null, users: [], cursor: null });
    const path = `/v1/connections/${connectionId}/licenses`;
    const licenses = await system.request('GET /v1/connections/{connectionId}/licenses', path);
    expect(licenses.body).toEqual({ snapshot: null, licenses: [] });
    await system.sync();
  });

  it('gives everybody page by page, ordered by id', async () => {
    const ids: number[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const { body } = await users({ limit: '7', ...(cursor ? { cursor } : {}) });
      expect(body.snapshot).toEqual({ version: 1, takenAt: '2026-10-01T12:00:00.000Z' });
      ids.push(...body.users.map(({ id }: { id: number }) => id));
      cursor = body.cursor ?? undefined;
      pages += 1;
    } while (cursor);
    expect(ids).toHaveLength(40);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set(ids).size).toBe(40);
    expect(pages).toBe(6);
  });

  it('filters by status and role', async () => {
    const { body } = await users({ status: 'active', role: 'admin' });
    expect(body.users.length).toBeGreaterThan(0);
    for (const user of body.users) expect(user).toMatchObject({ status: 'active', role: 'admin' });
    const { body: all } = await users();
    const admins = all.users.filter(
      (u: { status: string; role: string }) => u.status === 'active' && u.role === 'admin',
    );
    expect(body.users).toEqual(admins);
  });

  it('names the groups', async () => {
    const { body } = await users();
    const groups = body.users.flatMap((user: { groups: { name: string }[] }) => user.groups);
    expect(groups.length).toBeGreaterThan(0);
    for (const group of groups) expect(group.name).not.toBe('');
  });

  it.each([
    [{ status: 'gone' }, /status/],
    [{ limit: '0' }, /limit/],
    [{ limit: '1001' }, /limit/],
    [{ cursor: 'nonsense' }, /cursor/],
    [{ rolle: 'admin' }, /rolle/],
  ])('refuses %j and says what is wrong', async (query, sentence) => {
    const answer = await users(query);
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toMatch(sentence);
  });

  it("answers 404 for another tenant's connection, on every route", async () => {
    expect((await users({}, 'other')).status).toBe(404);
    expect((await system.connection(connectionId, 'other')).status).toBe(404);
    const list = await system.request('GET /v1/connections', '/v1/connections', { tenant: 'other' });
    expect(list.body).toEqual({ connections: [] });
  });

  it('lists the connections of the tenant, without lease, versions or key', async () => {
    const { body } = await system.request('GET /v1/connections', '/v1/connections');
    expect(body.connections).toMatchObject([{ connectionId, status: 'active', users: { total: 40 } }]);
    expect(Object.keys(body.connections[0])).not.toContain('leaseToken');
    expect(JSON.stringify(body)).not.toContain(system.metabase.adminKey);
  });
});
