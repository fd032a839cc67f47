import { lookup as lookupInDns } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Failure } from '#shared/domain/errors.ts';

/**
 * `private` also allows loopback and private addresses, and http to them: for a laptop, or a worker inside the network.
 */
export type AddressPolicy = 'public' | 'private';

/** The addresses that one scheme may lead to. */
export type Reach = 'public' | 'private' | 'public or private';

/** A key never travels over the internet in the clear, whatever is allowed inside a network. */
export function reachOf(policy: AddressPolicy, protocol: 'http:' | 'https:'): Reach {
  if (policy === 'public') return 'public';
  return protocol === 'http:' ? 'private' : 'public or private';
}

const cure =
  'Connect the address under which the instance is reached from the internet, with https, for example https://metabase.example.com.';

/**
 * Checks what can be told from the URL alone. The socket never looks up a literal address, so this is the only place
 * that sees one; the URL parser has already turned forms like 0x7f.1 or 2130706433 into 127.0.0.1.
 *
 * @throws Failure `address_not_allowed`
 */
export function refuseUrl(url: URL, policy: AddressPolicy): void {
  const { protocol } = url;
  if (protocol !== 'https:' && !(policy === 'private' && protocol === 'http:')) {
    throw new Failure(
      'address_not_allowed',
      `${url.origin} may not be called: an API key is only sent over https. ${cure}`,
    );
  }
  const reach = reachOf(policy, protocol);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isRefused =
    isIP(host) === 0 ? policy === 'public' && isLocalName(host) : !isAllowedAddress(host, reach);
  if (isRefused) throw new Failure('address_not_allowed', `${host} is ${refusals[reach]}`);
}

/**
 * Checks what a name resolves to at the moment of connecting, so that a name cannot change its mind in between. One
 * address that is not allowed refuses the name: which of several a socket tries is chance, and a public name with a
 * private address is an attack or a mistake, neither of which should work every other time.
 */
export function guardLookup(
  reach: Reach,
  lookup: LookupFunction = lookupInDns as LookupFunction,
): LookupFunction {
  return function lookupAllowed(hostname, options, callback) {
    lookup(hostname, options, function checkAddresses(error, found, family) {
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
      if (error || addresses.every((address) => isAllowedAddress(address, reach))) {
        callback(error, found, family);
      } else callback(addressRefused(hostname, reach), []);
    });
  };
}

/** A failure of its own, which passes through the socket as it is. */
function addressRefused(hostname: string, reach: Reach): Failure {
  return new Failure('address_not_allowed', `${hostname} resolves to an address that is ${refusals[reach]}`);
}

const refusals: Record<Reach, string> = {
  public: `not on the public internet. ${cure}`,
  private: `neither on this machine nor in a private network, and an API key is only sent elsewhere over https. ${cure}`,
  'public or private':
    'neither public nor private: link-local, reserved and cloud metadata addresses are never called.',
};

/** Where cloud machines keep their credentials, although the range is private: AWS over IPv6. */
const metadataAddress = 'fd00:ec2::254';
const privateRanges = ['loopback', 'private', 'uniqueLocal', 'carrierGradeNat'];

function isAllowedAddress(address: string, reach: Reach): boolean {
  if (reach === 'public') return isPublicAddress(address);
  if (reach === 'private') return isPrivateAddress(address);
  return isPublicAddress(address) || isPrivateAddress(address);
}

function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.process(address);
  return privateRanges.includes(parsed.range()) && parsed.toString() !== metadataAddress;
}

/** Only what is assigned for global unicast: everything that embeds an IPv4 address is left out, too. */
export function isPublicAddress(address: string): boolean {
  // Stricter than ipaddr.js, which also reads 1.2.3 and octal numbers.
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  // ipaddr.js calls every range that it does not know unicast; IANA has given out 2000::/3 alone.
  return !('parts' in parsed) || ((parsed.parts[0] ?? 0) & 0xe000) === 0x2000;
}

function isLocalName(host: string): boolean {
  return /(^|\.)(localhost|internal)\.?$/i.test(host);
}
