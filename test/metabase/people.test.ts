import { afterAll, expect, test } from 'vitest';
import { ask, idsOf } from './ask.ts';
import { type SampleMetabase, startSampleMetabase } from './server.ts';
import type { MetabaseVersion } from './versions.ts';

// Nothing here changes a sample, so tests of one release share it.
const started = new Map<string, Promise<SampleMetabase>>();

function sampleOf(version: MetabaseVersion, users = 25): Promise<SampleMetabase> {
  const name = `${version} ${users}`;
  const sample = started.get(name) ?? startSampleMetabase({ version, users });
  started.set(name, sample);
  return sample;
}

afterAll(async () => {
  for (const sample of started.values()) await (await sample).close();
});

const everyone = 'status=all&tenancy=all';

test('the list holds active internal people unless it is asked for more', async () => {
  const sample = await sampleOf('0.63', 60);
  const people = [...sample.world.people.values()].filter((person) => person.type === 'personal');
  const count = (wanted: (person: (typeof people)[number]) => boolean): number =>
    people.filter(wanted).length;
  const total = async (query: string) => (await ask(sample, `/api/user?limit=1&${query}`)).body.total;

  expect(await total('')).toBe(count((person) => person.isActive && person.tenantId === null));
  expect(await total('status=ALL')).toBe(await total(''));
  expect(await total('status=all')).toBe(count((person) => person.tenantId === null));
  expect(await total('status=deactivated')).toBe(
    count((person) => !person.isActive && person.tenantId === null),
  );
  expect(await total('include_deactivated=true&status=active')).toBe(await total('status=all'));
  expect(await total('tenancy=external&status=all')).toBe(count((person) => person.tenantId !== null));
  expect(await total('tenant_id=1&status=all')).toBe(count((person) => person.tenantId === 1));
  expect(await total(everyone)).toBe(60);
});

test('tenancy and tenant_id together are refused', async () => {
  const reply = await ask(await sampleOf('0.58'), '/api/user?tenancy=all&tenant_id=1');
  expect(reply.status).toBe(400);
  expect(reply.text).toMatch(/^You cannot specify both/);
});

test('releases without tenants ignore the parameter and have no one to hide', async () => {
  const { body } = await ask(await sampleOf('0.56'), '/api/user?status=all&tenancy=external');
  expect(body.total).toBe(25);
  expect(body.data[0]).toHaveProperty('tenant_id', null);
});

test('keys and the internal user are in no list', async () => {
  const { text } = await ask(await sampleOf('0.63'), `/api/user?${everyone}`);
  expect(text).not.toContain('api-key.invalid');
  expect(text).not.toContain('internal@metabase.com');
});

test('query and group_id narrow the list and its total', async () => {
  const sample = await sampleOf('0.63');
  const garcias = (await ask(sample, '/api/user?status=all&query=GARCIA')).body;
  expect(garcias.total).toBeGreaterThanOrEqual(3);
  expect(garcias.data).toHaveLength(garcias.total);
  const admins = (await ask(sample, '/api/user?group_id=2')).body;
  expect(admins.data.every((row: { is_superuser: boolean }) => row.is_superuser)).toBe(true);
});

test('the echo tells what was understood of limit and offset', async () => {
  const sample = await sampleOf('0.63', 60);
  const echo = async (query: string) => {
    const { data, limit, offset } = (await ask(sample, `/api/user?${everyone}${query}`)).body;
    return { rows: data.length, limit, offset };
  };
  expect(await echo('')).toEqual({ rows: 60, limit: null, offset: null });
  expect(await echo('&limit=7')).toEqual({ rows: 7, limit: 7, offset: 0 });
  expect(await echo('&offset=5')).toEqual({ rows: 50, limit: 50, offset: 5 });
  expect(await echo('&limit=50&offset=55')).toEqual({ rows: 5, limit: 50, offset: 55 });
  expect(await echo('&limit=abc')).toEqual({ rows: 60, limit: null, offset: null });
});

test('older releases refuse a limit that is no number, with JSON that names it', async () => {
  const reply = await ask(await sampleOf('0.49'), '/api/user?limit=abc');
  expect(reply.status).toBe(400);
  expect(reply.body.errors).toHaveProperty('limit');
});

async function pages(sample: SampleMetabase, size: number): Promise<number[]> {
  const ids: number[] = [];
  for (let offset = 0; offset < 25; offset += size) {
    const { body } = await ask(sample, `/api/user?${everyone}&limit=${size}&offset=${offset}`);
    ids.push(...body.data.map((row: { id: number }) => row.id));
  }
  return ids;
}

test.each(['0.49', '0.52'] as const)(
  '%s loses and repeats people of equal names in small pages',
  async (version) => {
    const sample = await sampleOf(version);
    const ids = await pages(sample, 1);
    expect(ids).toHaveLength(25);
    expect(new Set(ids).size).toBeLessThan(25);
    const again = [...ids, ...(await pages(sample, 1)), ...(await pages(sample, 1))];
    expect(new Set(again).size).toBe(25);
    expect(new Set(await pages(sample, 25)).size).toBe(25);
  },
);

test.each(['0.56', '0.63'] as const)(
  '%s orders people totally: small pages and one answer agree',
  async (version) => {
    const sample = await sampleOf(version);
    const whole = (await ask(sample, `/api/user?${everyone}`)).body.data;
    expect(await pages(sample, 1)).toEqual(whole.map((row: { id: number }) => row.id));
  },
);

test('people are ordered by first name whatever its case, those without one last', async () => {
  const { data } = (await ask(await sampleOf('0.63', 200), `/api/user?${everyone}`)).body;
  const names: (string | null)[] = data.map((row: { first_name: string | null }) => row.first_name);
  const known = names.filter((name) => name !== null).map((name) => name.toLowerCase());
  expect(known).toEqual(known.toSorted());
  expect(names.slice(known.length).every((name) => name === null)).toBe(true);
});

test('0.49 puts those who lead a group before its other members', async () => {
  const { data } = (await ask(await sampleOf('0.49', 120), '/api/user?group_id=1&status=all')).body;
  const flags = data.map((row: { is_superuser: boolean }) => row.is_superuser);
  expect(flags[0]).toBe(true);
  expect(flags.lastIndexOf(true)).toBeLessThan(10);
});

test('group_ids come in changing order', async () => {
  const sample = await sampleOf('0.63', 60);
  const read = async () => (await ask(sample, `/api/user?${everyone}`)).body.data;
  const [first, second] = [await read(), await read()];
  expect(idsOf(first)).toEqual(idsOf(second));
  expect(JSON.stringify(first)).not.toBe(JSON.stringify(second));
});

test('columns come with their releases', async () => {
  const columns = async (version: MetabaseVersion) =>
    Object.keys((await ask(await sampleOf(version), '/api/user?limit=1')).body.data[0]);
  const later = ['tenant_id', 'tenant_collection_id', 'jwt_attributes', 'is_data_analyst'];
  const seen = { '0.49': 0, '0.52': 0, '0.56': 2, '0.58': 3, '0.63': 4 };
  for (const [version, count] of Object.entries(seen)) {
    const present = await columns(version as MetabaseVersion);
    expect(later.filter((name) => present.includes(name))).toEqual(later.slice(0, count));
    expect(present).not.toContain('type');
  }
});

test('the smallest sample already has every oddity', async () => {
  const { data } = (await ask(await sampleOf('0.63'), `/api/user?${everyone}`)).body;
  const some = (wanted: (row: Record<string, unknown>) => boolean): void =>
    expect(data.some(wanted)).toBe(true);
  some((row) => row.first_name === null && row.last_name === null && row.common_name === row.email);
  some((row) => row.is_superuser === true && row.is_active === false);
  some((row) => row.last_login === null && row.is_active === true);
  some((row) => row.sso_source === 'oidc');
  some((row) => row.tenant_id !== null && !(row.group_ids as number[]).includes(1));
  some((row) => row.personal_collection_id === null);
  some((row) => row.is_data_analyst === true);
  const digits = new Set(data.map((row: { date_joined: string }) => row.date_joined.length));
  expect(digits.size).toBeGreaterThan(3);
});

test('two samples of one seed are equal, of two seeds are not', async () => {
  const names = async (seed: number) => {
    await using sample = await startSampleMetabase({ seed });
    return (await ask(sample, `/api/user?${everyone}`)).text;
  };
  expect(await names(7)).toBe(await names(7));
  expect(await names(7)).not.toBe(await names(8));
});
