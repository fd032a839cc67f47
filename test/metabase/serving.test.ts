import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { startSampleMetabase } from './server.ts';

test('health needs no key, and newer releases are live at /livez', async () => {
  await using old = await startSampleMetabase({ version: '0.49' });
  await using recent = await startSampleMetabase({ version: '0.63' });
  expect((await ask(old, '/api/health', { key: null })).body).toEqual({ status: 'ok' });
  expect((await ask(recent, '/livez', { key: null })).body).toEqual({ status: 'ok' });
  expect((await ask(old, '/livez')).type).toContain('text/html');
});

test('outside /api is the single-page app, and unknown routes inside are plain text', async () => {
  await using sample = await startSampleMetabase();
  for (const path of ['/', '/user/current', '/admin/people', '/apiary']) {
    expect(await ask(sample, path)).toMatchObject({ status: 200, type: 'text/html;charset=utf-8' });
  }
  for (const path of ['/api', '/api/api/user', '/api/user/', '/api/user/me']) {
    expect(await ask(sample, path)).toMatchObject({ status: 404, text: 'API endpoint does not exist.' });
  }
});

test('below a sub-path only that path is Metabase', async () => {
  await using sample = await startSampleMetabase({ subPath: '/metabase' });
  expect(sample.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metabase$/);
  const { body } = await ask(sample, '/api/session/properties');
  expect(body['site-url']).toBe(sample.url);
  const outside = await fetch(new URL('/api/health', sample.url));
  expect(outside.headers.get('content-type')).toContain('text/html');
});

test('large answers are packed for those who can unpack them', async () => {
  await using sample = await startSampleMetabase({ users: 100 });
  const packed = await ask(sample, '/api/user');
  const packedBytes = sample.bytesSent;
  sample.resetCounters();
  const plain = await ask(sample, '/api/user', { headers: { 'accept-encoding': 'identity' } });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(plain.headers.get('cache-control')).toBe('no-cache');
  expect(sample.bytesSent).toBeGreaterThan(packedBytes * 3);
});

test('the sample remembers what it was asked', async () => {
  await using sample = await startSampleMetabase({ subPath: '/bi' });
  await ask(sample, '/api/user?status=all&limit=2');
  expect(sample.requestCount).toBe(1);
  expect(sample.requests[0]).toMatchObject({
    method: 'GET',
    path: '/bi/api/user',
    query: { status: 'all', limit: '2' },
    headers: { 'x-api-key': sample.adminKey },
  });
});
