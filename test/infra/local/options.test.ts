import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../../infra/local/options.ts';

const apiKey = `mb_${'A'.repeat(43)}=`;

describe('the options of npm start', () => {
  test('without any, connect the sample for the demo tenant and stay up', () => {
    expect(parseOptions([], {})).toEqual({
      instance: null,
      sample: { users: 25, version: '0.63', plan: 'pro-cloud' },
      name: undefined,
      tenantId: 'demo',
      allowPrivateNetwork: true,
      once: false,
      json: false,
      fresh: false,
      dataDir: '.local',
      port: 8787,
    });
  });

  test('take a real instance from the command line or the environment, the command line first', () => {
    const environment = { METABASE_URL: 'https://a.example', METABASE_API_KEY: apiKey };
    expect(parseOptions([], environment).instance).toEqual({ url: 'https://a.example', apiKey });
    expect(parseOptions(['--url', 'https://b.example'], environment).instance?.url).toBe('https://b.example');
    expect(parseOptions([], { METABASE_URL: '', METABASE_API_KEY: '' }).instance).toBeNull();
  });

  test('permit the private network only when a real instance asks for it', () => {
    const environment = { METABASE_API_KEY: apiKey };
    const url = ['--url', 'http://localhost:3000'];
    expect(parseOptions(url, environment).allowPrivateNetwork).toBe(false);
    expect(parseOptions([...url, '--allow-private-network'], environment).allowPrivateNetwork).toBe(true);
  });

  test('refuse a URL that holds a password, without repeating it', () => {
    const parse = () => parseOptions(['--url', 'https://ana:hunter2@a.example', '--api-key', apiKey], {});
    expect(parse).toThrow(/must not hold a user name or a password/);
    expect(parse).not.toThrow(/hunter2/);
  });

  test('need no port for a single sync', () => {
    expect(parseOptions(['--once'], {}).port).toBe(0);
    expect(parseOptions(['--once', '--port', '9000'], {}).port).toBe(9000);
  });

  test.each([
    [['--url', 'https://a.example'], 'METABASE_API_KEY'],
    [['--api-key', apiKey], '--url'],
    [['--url', 'https://a.example', '--api-key', 'mb_1234********'], 'masked'],
    [['--json'], '--once'],
  ])('say what is missing from %j', (args, words) => {
    expect(() => parseOptions(args, {})).toThrow(words);
  });
});
