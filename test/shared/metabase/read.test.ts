import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { countMembers } from '#shared/domain/group.ts';
import type { Reading } from '#shared/domain/snapshot.ts';
import { type SampleMetabase, startSampleMetabase } from '#test/metabase/server.ts';
import { expectedSnapshot } from '#test/metabase/truth.ts';
import { metabaseVersions } from '#test/metabase/versions.ts';
import { createAdapter, credentialFor } from './support/adapter.ts';
import { failureOf } from './support/failure.ts';

/** A reading in the form in which the sample tells the truth about itself. */
function told({ users, groups }: Reading) {
  const memberCounts = countMembers(users.values());
  const nameOf = (id: number) => groups.get(id)?.name;
  const people = [...users.values()].sort((a, b) => a.id - b.id);
  return {
    users: people.map(({ seatReason: _, ...user }) => ({
      ...user,
      groups: user.groups.map(({ id, isManager }) => ({ id, name: nameOf(id), isManager })),
    })),
    groups: [...groups.values()]
      .map(({ id, name }) => ({ id, name, memberCount: memberCounts.get(id) ?? 0 }))
      .sort((a, b) => a.id - b.id),
    seatsUsed: people.filter((user) => user.takesSeat).length,
  };
}

describe.each(metabaseVersions)('Metabase %s', (version) => {
  let sample: SampleMetabase;
  beforeAll(async () => {
    sample = await startSampleMetabase({ version, users: 250 });
  });
  afterAll(() => sample.close());
  beforeEach(() => sample.resetCounters());

  test('is read to the last detail in four calls', async () => {
    const reading = await createAdapter().read(credentialFor(sample));
    expect(told(reading)).toEqual(expectedSnapshot(sample.world));
    expect(reading.users.size).toBe(250);
    expect(reading.instanceId).toBe(sample.world.names.siteUuid);
    expect(reading.metabaseVersion).toMatch(version.replace('0.', 'v1.'));
    expect(reading.licenseFacts.activeUsersCount).toBe(expectedSnapshot(sample.world).seatsUsed);
    expect(reading.requests).toBe(4);
    expect(reading).toMatchObject({ requests: sample.requestCount, bytes: sample.bytesSent });
  });

  test.each([1, 2, 7, 100, 250])(
    'is read as well with %i people a page, also where equal names change places',
    async (pageSize) => {
      await using small = await startSampleMetabase({ version, users: 40, seed: pageSize });
      const reading = await createAdapter({ pageSize }).read(credentialFor(small));
      expect(told(reading)).toEqual(expectedSnapshot(small.world));
      expect(reading.requests).toBeLessThanOrEqual(5 + Math.ceil(40 / pageSize));
    },
  );
});

describe('reading', () => {
  let sample: SampleMetabase;
  beforeAll(async () => {
    sample = await startSampleMetabase({ users: 60 });
  });
  afterAll(() => sample.close());
  beforeEach(() => {
    sample.clearFaults();
    sample.resetCounters();
  });

  test('asks for everyone: deactivated people and those of tenants, too', async () => {
    await createAdapter({ pageSize: 25 }).read(credentialFor(sample));
    const pages = sample.requests.filter(({ path }) => path === '/api/user').map(({ query }) => query);
    expect(pages).toEqual(
      ['0', '25', '50'].map((offset) => ({ status: 'all', tenancy: 'all', limit: '25', offset })),
    );
  });

  test('asks for the token only when the settings do not show it', async () => {
    sample.faults.hideTokenStatusSetting = true;
    const shown = await createAdapter().read(credentialFor(sample));
    expect(shown.licenseFacts.token).toMatchObject({ valid: true, planAlias: 'pro-cloud' });
    expect(shown.requests).toBe(5);
  });

  test('goes on without the token when the instance cannot tell it', async () => {
    sample.faults.tokenStatusDown = true;
    const reading = await createAdapter().read(credentialFor(sample));
    expect(reading.licenseFacts).toMatchObject({ token: 'unreadable', hosted: true });
    expect(reading.users.size).toBe(60);
  });

  test('counts failed tries among the requests', async () => {
    sample.faults.rateLimited = { retryAfterSeconds: 0, times: 2 };
    const reading = await createAdapter().read(credentialFor(sample));
    expect(reading.requests).toBe(6);
    expect(reading.requests).toBe(sample.requestCount);
  });

  test('sends no session back that an instance hands out', async () => {
    sample.faults.leakSession = true;
    const reading = await createAdapter({ pageSize: 20 }).read(credentialFor(sample));
    expect(told(reading)).toEqual(expectedSnapshot(sample.world));
  });

  test('settles by one answer what a rename between two pages shifted', async () => {
    sample.faults.shiftBetweenPages = true;
    const reading = await createAdapter({ pageSize: 20 }).read(credentialFor(sample));
    expect(told(reading)).toEqual(expectedSnapshot(sample.world));
    expect(sample.requests.at(-1)?.query).toEqual({ status: 'all', tenancy: 'all' });
  });

  test.each([1, -1])('refuses a list whose total is off by %i', async (totalOffBy) => {
    sample.faults.totalOffBy = totalOffBy;
    const failure = await failureOf(createAdapter().read(credentialFor(sample)));
    expect(failure.code).toBe('list_inconsistent');
    expect(failure.message).toContain(`lists 60 accounts and counts ${60 + totalOffBy}`);
  });

  test('gives an empty list as it is: whether to believe it is not for the client to say', async () => {
    sample.faults.emptyUsers = true;
    expect((await createAdapter().read(credentialFor(sample))).users.size).toBe(0);
  });

  test('stops with the deadline of the caller, whatever is under way', async () => {
    sample.faults.hang = true;
    const deadline = new AbortController();
    const reading = createAdapter().metabase.read(credentialFor(sample), deadline.signal);
    deadline.abort();
    expect((await failureOf(reading)).code).toBe('timed_out');
    expect(sample.requestCount).toBeLessThanOrEqual(1);
  });
});

describe('the license', () => {
  const tokenOf = async (plan: Parameters<typeof startSampleMetabase>[0] & object) => {
    await using sample = await startSampleMetabase({ users: 25, ...plan });
    return (await createAdapter().read(credentialFor(sample))).licenseFacts;
  };

  test.each([{ hidden: false }, { hidden: true }])(
    'is none for the open-source build (%o)',
    async ({ hidden }) => {
      await using sample = await startSampleMetabase({ plan: 'oss' });
      sample.faults.hideTokenStatusSetting = hidden;
      const { licenseFacts } = await createAdapter().read(credentialFor(sample));
      expect(licenseFacts).toMatchObject({ token: 'none', hosted: false });
    },
  );

  test('tells plan, expiry in UTC, features and the cap of an air-gapped token', async () => {
    expect(await tokenOf({ plan: 'enterprise-airgap' })).toMatchObject({
      token: {
        valid: true,
        trial: false,
        validThru: '2027-01-31T12:00:00.000Z',
        planAlias: 'enterprise-airgap',
        features: expect.arrayContaining(['advanced-permissions']),
        maxUsers: 30,
      },
      hosted: false,
    });
  });

  test('tells no plan before v0.50, and no cap where there is none', async () => {
    const { token } = await tokenOf({ plan: 'pro-cloud', version: '0.49' });
    expect(token).toMatchObject({ planAlias: null, maxUsers: null });
  });

  test('keeps what is said about a token that is not valid', async () => {
    expect((await tokenOf({ plan: 'store-timeout' })).token).toMatchObject({
      valid: false,
      status: 'Unable to validate token',
      errorDetails: 'Token validation timed out.',
      features: [],
    });
  });
});
