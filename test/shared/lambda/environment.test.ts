import { describe, expect, it } from 'vitest';
import { readEnvironment } from '#shared/lambda/environment.ts';

describe('the environment of a function', () => {
  it('is read into values of the right type', () => {
    const environment = {
      CONNECTIONS_TABLE: 'connections',
      SYNC_INTERVAL_MINUTES: '60',
      ALLOW_PRIVATE_NETWORK: 'false',
      PLAN_PRICES: '{"pro-cloud":{"baseUsd":500,"includedSeats":10,"perSeatUsd":10}}',
      OTHER: 'x',
    };
    expect(
      readEnvironment(
        ['CONNECTIONS_TABLE', 'SYNC_INTERVAL_MINUTES', 'ALLOW_PRIVATE_NETWORK', 'PLAN_PRICES'],
        environment,
      ),
    ).toEqual({
      CONNECTIONS_TABLE: 'connections',
      SYNC_INTERVAL_MINUTES: 60,
      ALLOW_PRIVATE_NETWORK: false,
      PLAN_PRICES: { 'pro-cloud': { baseUsd: 500, includedSeats: 10, perSeatUsd: 10 } },
    });
  });

  it('is refused with every missing or wrong variable in one message', () => {
    const read = () =>
      readEnvironment(['SNAPSHOTS_TABLE', 'LEASE_SECONDS', 'PLAN_PRICES'], {
        LEASE_SECONDS: 'soon',
        PLAN_PRICES: '{',
      });
    expect(read).toThrow(/SNAPSHOTS_TABLE/);
    expect(read).toThrow(/LEASE_SECONDS/);
    expect(read).toThrow(/PLAN_PRICES: must be JSON/);
  });
});
