import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Failure } from '#shared/domain/errors.ts';
import { guardLookup, isPublicAddress, reachOf, refuseUrl } from '#shared/metabase/address-policy.ts';

const notPublic = {
  'this network': ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.0.1', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'link-local and cloud metadata': ['169.254.169.254', 'fe80::1', 'fd00:ec2::254'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.254'],
  'unique and site local': ['fc00::1', 'fd12:3456::1', 'fec0::1'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'reserved and documentation': ['240.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1', '2001:db8::1'],
  'IPv4 inside IPv6': [
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::7f00:1', '::ffff:0:127.0.0.1'],
    ...['64:ff9b::a00:1', '64:ff9b:1::a00:1', '2002:7f00:1::', '2001:0:7f00:1::'],
  ],
  unassigned: ['4000::1', '100::1', '5f00::1'],
};

describe('an address', () => {
  test.each(Object.entries(notPublic))('is not public when it is %s', (_range, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });

  test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'is public: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test('is not public when it is none', () => {
    expect(['', 'metabase.example.com', '1.2.3', 'fe80::1%eth0'].filter(isPublicAddress)).toEqual([]);
  });
});

function refusal(url: string, policy: 'public' | 'private' = 'public'): Failure | null {
  try {
    refuseUrl(new URL(url), policy);
    return null;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

describe('a URL', () => {
  test.each([
    'https://127.0.0.1',
    'https://127.1:8443/metabase',
    'https://2130706433',
    'https://0x7f000001',
    'https://0177.0.0.1',
    'https://127.0.0.1.',
    'https://[::1]',
    'https://[::ffff:7f00:1]',
    'https://[::127.0.0.1]',
    'https://[64:ff9b::10.0.0.1]',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost',
    'https://LOCALHOST.',
    'https://metabase.localhost',
    'https://metabase.internal',
    'https://ip-10-0-0-1.ec2.internal',
  ])('of a place inside is refused before anything is looked up: %s', (url) => {
    expect(refusal(url)).toMatchObject({
      code: 'address_not_allowed',
      message: expect.stringMatching(/not on the public internet\. Connect the address .*from the internet/),
    });
  });

  test('must be https, because a key goes with it', () => {
    expect(refusal('http://metabase.example.com')?.message).toMatch(/only sent over https/);
    expect(refusal('ftp://metabase.example.com', 'private')?.code).toBe('address_not_allowed');
  });

  test.each([
    'https://metabase.example.com',
    'https://8.8.8.8',
    'https://internal.example.com',
    'https://mylocalhost',
  ])('of a public place is fine: %s', (url) => {
    expect(refusal(url)).toBeNull();
  });

  test.each([
    'http://127.0.0.1:3000',
    'http://localhost:3000',
    'http://192.168.1.20',
    'http://[::1]:3000',
    'https://[fd12:3456::1]',
    'http://metabase.internal',
    'https://8.8.8.8',
    'https://10.0.0.1',
  ])('may be local and http when private networks are allowed: %s', (url) => {
    expect(refusal(url, 'private')).toBeNull();
  });

  test.each(['http://8.8.8.8', 'http://[2606:4700::1111]', 'http://169.254.169.254', 'http://0.0.0.0'])(
    'of a public place must be https even then: %s',
    (url) => {
      expect(refusal(url, 'private')).toMatchObject({
        code: 'address_not_allowed',
        message: expect.stringMatching(/only sent elsewhere over https/),
      });
    },
  );

  test.each([
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00:ec2::254]',
    'https://[fe80::1]',
    'https://0.0.0.0:3000',
    'https://224.0.0.1',
  ])('never leads to cloud metadata or a reserved range, not even then: %s', (url) => {
    expect(refusal(url, 'private')).toMatchObject({
      code: 'address_not_allowed',
      message: expect.stringMatching(/neither public nor private/),
    });
  });
});

describe('a name', () => {
  const resolve = (answer: string | LookupAddress[]): Promise<unknown> =>
    new Promise((done) => {
      const lookup: LookupFunction = (_name, _options, callback) => callback(null, answer, 4);
      guardLookup('public', lookup)('metabase.example.com', {}, (error, address) => done(error ?? address));
    });

  test('may resolve to public addresses, one or several', async () => {
    const several = [
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ];
    await expect(resolve('8.8.8.8')).resolves.toBe('8.8.8.8');
    await expect(resolve(several)).resolves.toBe(several);
  });

  test('is refused when any of its addresses is not public, without saying which', async () => {
    const refused = await resolve([
      { address: '8.8.8.8', family: 4 },
      { address: '10.9.8.7', family: 4 },
    ]);
    expect(refused).toMatchObject({
      code: 'address_not_allowed',
      message: expect.stringMatching(/^metabase\.example\.com resolves to an address that is not/),
    });
    expect(String(refused)).not.toContain('10.9.8.7');
    await expect(resolve('127.0.0.1')).resolves.toBeInstanceOf(Failure);
  });

  test('may resolve to a private address, but never to cloud metadata, where private networks are allowed', async () => {
    const resolveOver = (protocol: 'http:' | 'https:', address: string): Promise<unknown> =>
      new Promise((done) => {
        const lookup: LookupFunction = (_name, _options, callback) => callback(null, address, 4);
        const guarded = guardLookup(reachOf('private', protocol), lookup);
        guarded('metabase.example.com', {}, (error, found) => done(error ?? found));
      });
    const refused = { code: 'address_not_allowed' };
    await expect(resolveOver('https:', '10.9.8.7')).resolves.toBe('10.9.8.7');
    await expect(resolveOver('https:', '8.8.8.8')).resolves.toBe('8.8.8.8');
    await expect(resolveOver('https:', '169.254.169.254')).resolves.toMatchObject(refused);
    await expect(resolveOver('http:', '10.9.8.7')).resolves.toBe('10.9.8.7');
    await expect(resolveOver('http:', '8.8.8.8')).resolves.toMatchObject(refused);
  });

  test('passes the error of the look-up on', async () => {
    const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const lookup: LookupFunction = (_name, _options, callback) => callback(notFound, []);
    const error = await new Promise((done) => guardLookup('public', lookup)('nowhere.example', {}, done));
    expect(error).toBe(notFound);
  });
});
