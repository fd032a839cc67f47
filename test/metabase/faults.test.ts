import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ask } from './ask.ts';
import type { Faults } from './faults.ts';
import { type SampleMetabase, startSampleMetabase } from './server.ts';

let sample: SampleMetabase;
beforeAll(async () => {
  sample = await startSampleMetabase({ users: 40 });
});
afterEach(() => sample.clearFaults());
afterAll(() => sample.close());

const current = '/api/user/current';
const list = '/api/user?status=all&tenancy=all';

function breakWith(faults: Faults): void {
  Object.assign(sample.faults, faults);
}

test('while it starts, health says how far it is and all else waits', async () => {
  breakWith({ startingUp: true });
  expect(await ask(sample, '/api/health')).toMatchObject({ status: 503, body: { status: 'initializing' } });
  const reply = await ask(sample, current);
  expect(reply).toMatchObject({ status: 503, type: 'text/plain;charset=utf-8' });
  expect(reply.text).toBe('Metabase is still initializing. Please sit tight...');
  sample.clearFaults();
  expect((await ask(sample, current)).status).toBe(200);
});

test('down answers its status everywhere, as text, as HTML or as a long exception', async () => {
  breakWith({ down: { status: 503, retryAfterSeconds: 7 } });
  const unavailable = await ask(sample, '/api/health');
  expect(unavailable.status).toBe(503);
  expect(unavailable.headers.get('retry-after')).toBe('7');
  breakWith({ down: { status: 502, html: true } });
  expect(await ask(sample, current)).toMatchObject({ status: 502, type: 'text/html;charset=utf-8' });
  breakWith({ down: { status: 500 } });
  const broken = await ask(sample, current);
  expect(broken.body).toHaveProperty('trace');
  expect(broken.text.length).toBeGreaterThan(20_000);
});

test('the rate limit holds for as many requests as told', async () => {
  breakWith({ rateLimited: { retryAfterSeconds: 3, times: 2 } });
  const statuses: number[] = [];
  for (let request = 0; request < 3; request += 1) statuses.push((await ask(sample, current)).status);
  expect(statuses).toEqual([429, 429, 200]);
});

test('a login proxy and a foreign product both answer 200', async () => {
  breakWith({ htmlEverywhere: true });
  expect(await ask(sample, current)).toMatchObject({ status: 200, type: 'text/html;charset=utf-8' });
  sample.clearFaults();
  breakWith({ foreignJson: true });
  const foreign = await ask(sample, list);
  expect(foreign.status).toBe(200);
  expect(foreign.body).not.toHaveProperty('data');
});

test('redirects go to the URL as told, and spare health', async () => {
  breakWith({ redirectTo: 'https://elsewhere.example/api' });
  const reply = await ask(sample, current);
  expect(reply.status).toBe(301);
  expect(reply.headers.get('location')).toBe('https://elsewhere.example/api');
  expect((await ask(sample, '/api/health')).status).toBe(200);
});

test('a body may break off in the middle, noticed or not', async () => {
  breakWith({ truncateBody: true });
  await expect(ask(sample, list)).rejects.toThrow();
  breakWith({ truncateBody: 'silently' });
  await expect(ask(sample, list, { headers: { 'accept-encoding': 'identity' } })).rejects.toThrow(
    SyntaxError,
  );
});

test('a request that is never answered ends when the instance closes', async () => {
  const silent = await startSampleMetabase({ users: 1 });
  silent.faults.hang = true;
  const waiting = expect(ask(silent, current)).rejects.toThrow();
  while (silent.requestCount === 0) await new Promise(setImmediate);
  await silent.close();
  await waiting;
});

test('the total may lie', async () => {
  breakWith({ totalOffBy: -3 });
  const { body } = await ask(sample, list);
  expect(body.data.length - body.total).toBe(3);
});

test('a rename between two pages loses a row once, and reading again finds it', async () => {
  const read = async () => {
    const ids = new Set<number>();
    for (const offset of [0, 20]) {
      const { body } = await ask(sample, `${list}&limit=20&offset=${offset}`);
      for (const row of body.data) ids.add(row.id);
    }
    return ids.size;
  };
  breakWith({ shiftBetweenPages: true });
  expect(await read()).toBe(39);
  expect(await read()).toBe(40);
});

test('the list may be empty, or shorter with a total to match', async () => {
  breakWith({ emptyUsers: true });
  expect((await ask(sample, `${list}&limit=5`)).body).toEqual({ data: [], total: 0, limit: 5, offset: 0 });
  sample.clearFaults();
  breakWith({ dropUsers: 0.5 });
  const { body } = await ask(sample, list);
  expect(body.data).toHaveLength(body.total);
  expect(body.total).toBeGreaterThan(10);
  expect(body.total).toBeLessThan(30);
});

test('the token status may fail and vanish, or only vanish from the settings', async () => {
  const read = async () => [
    (await ask(sample, '/api/premium-features/token/status')).status,
    'token-status' in (await ask(sample, '/api/session/properties')).body,
  ];
  breakWith({ tokenStatusDown: true });
  expect(await read()).toEqual([500, false]);
  sample.clearFaults();
  breakWith({ hideTokenStatusSetting: true });
  expect(await read()).toEqual([200, false]);
});

test('it can fail after some requests, or on one path only', async () => {
  breakWith({ failAfter: { requests: 1, status: 504 } });
  expect([(await ask(sample, current)).status, (await ask(sample, current)).status]).toEqual([200, 504]);
  sample.clearFaults();
  breakWith({ pathFaults: { '/api/permissions/membership': 403 } });
  expect((await ask(sample, '/api/permissions/membership')).text).toBe(
    "You don't have permissions to do that.",
  );
  expect((await ask(sample, '/api/permissions/group')).status).toBe(200);
});
