import { describe, expect, test } from 'vitest';
import { explainStatus } from '../../../infra/local/tenant-api.ts';

const connection = { tenantId: 'demo', connectionId: 'c1' };

describe('why a connection is not active', () => {
  test('is told in the words of its reason', () => {
    const reason = { code: 'timed_out', message: 'No answer within 30 seconds.' };
    expect(explainStatus({ ...connection, status: 'retrying', reason })).toBe('No answer within 30 seconds.');
  });

  test('comes with the command that confirms it, where accounts are missing', () => {
    const reason = { code: 'suspicious_shrink', message: 'Many are missing.' };
    expect(explainStatus({ ...connection, status: 'held_back', reason })).toMatch(
      /^Many are missing\. .*npm run resync -- --tenant demo --connection c1 .*--confirm-shrink$/,
    );
  });

  test('is told by its status where there is no reason', () => {
    expect(explainStatus({ ...connection, status: 'disconnected', reason: null })).toMatch(/disconnected/);
  });
});
