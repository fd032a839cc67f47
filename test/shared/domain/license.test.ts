import { describe, expect, it } from 'vitest';
import { type LicenseFacts, readLicense, savingsUsd, type TokenFacts } from '#shared/domain/license.ts';

const token: TokenFacts = {
  valid: true,
  status: 'Token is valid.',
  errorDetails: null,
  trial: false,
  validThru: '2027-01-31T12:00:00.000Z',
  planAlias: 'pro-cloud',
  features: ['sso-saml', 'audit-app'],
  maxUsers: null,
};
const facts = (changes: Partial<TokenFacts> = {}): LicenseFacts => ({
  token: { ...token, ...changes },
  hosted: true,
  activeUsersCount: 10,
});

describe('a license', () => {
  it('is read from the token, with seats counted from the users', () => {
    expect(readLicense(facts(), 10, null)).toEqual({
      licenseId: 'metabase',
      plan: 'pro-cloud',
      edition: 'pro',
      hosting: 'cloud',
      tokenStatus: 'valid',
      trial: false,
      validUntil: '2027-01-31T12:00:00.000Z',
      features: ['audit-app', 'sso-saml'],
      seats: { used: 10, limit: null, available: null },
      countAgrees: true,
      monthlyPriceUsd: null,
    });
  });

  it('is open source where no token is installed', () => {
    const license = readLicense({ token: 'none', hosted: null, activeUsersCount: null }, 3, null);
    expect(license).toMatchObject({
      edition: 'open_source',
      tokenStatus: 'absent',
      plan: null,
      countAgrees: null,
    });
    expect(license.seats).toEqual({ used: 3, limit: null, available: null });
  });

  it.each([
    [100, { used: 10, limit: 100, available: 90 }],
    [5, { used: 10, limit: 5, available: 0 }],
    [0, { used: 10, limit: null, available: null }],
    [-1, { used: 10, limit: null, available: null }],
  ])('takes a cap of %i as told, and none at or below zero as unlimited', (maxUsers, seats) => {
    expect(readLicense(facts({ maxUsers }), 10, null).seats).toEqual(seats);
  });

  it.each([
    ['starter-yearly', 'starter'],
    ['pro-self-hosted', 'pro'],
    ['enterprise-airgap', 'enterprise'],
    ['business', 'other'],
    [null, 'other'],
  ])('of the plan %s is of the edition %s', (planAlias, edition) => {
    expect(readLicense(facts({ planAlias }), 10, null).edition).toBe(edition);
  });

  it('says that the counts differ when Metabase bills another number', () => {
    expect(readLicense(facts(), 9, null).countAgrees).toBe(false);
  });

  it('stays known when the store that verifies tokens is out of reach', () => {
    const known = readLicense(facts(), 10, null);
    const outage = facts({
      valid: false,
      status: 'Unable to validate token',
      errorDetails: 'Token validation timed out.',
      planAlias: null,
      features: [],
    });
    const during = readLicense(outage, 10, known);
    expect(during).toMatchObject({ plan: 'pro-cloud', edition: 'pro', tokenStatus: 'unverified' });
    expect(readLicense(outage, 10, during)).toMatchObject({ plan: 'pro-cloud', tokenStatus: 'unverified' });
  });

  it('is invalid only when a second reading says so, in any language', () => {
    const known = readLicense(facts(), 10, null);
    const expired = facts({ valid: false, status: 'Das Token ist abgelaufen.' });
    const once = readLicense(expired, 10, known);
    expect(once.tokenStatus).toBe('unverified');
    expect(readLicense(expired, 10, once).tokenStatus).toBe('invalid');
  });

  it('is unverified and of unknown edition when the token cannot be read the first time', () => {
    const license = readLicense({ ...facts(), token: 'unreadable' }, 10, null);
    expect(license).toMatchObject({ tokenStatus: 'unverified', edition: 'other', plan: null });
  });

  it("has a price only where the operator's list has the plan", () => {
    const price = { baseUsd: 500, includedSeats: 10, perSeatUsd: 10 };
    expect(readLicense(facts(), 12, null, { 'pro-cloud': price }).monthlyPriceUsd).toBe(520);
    expect(readLicense(facts(), 12, null, { starter: price }).monthlyPriceUsd).toBeNull();
  });

  it('saves nothing by giving back seats inside the included number', () => {
    const price = { baseUsd: 500, includedSeats: 10, perSeatUsd: 10 };
    expect(savingsUsd(price, 12, 5)).toBe(20);
    expect(savingsUsd(price, 9, 5)).toBe(0);
  });
});
