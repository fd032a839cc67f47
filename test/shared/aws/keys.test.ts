import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changeItem,
  changeRange,
  connectionKeyOf,
  headerItem,
  parseConnectionKey,
  parseRowId,
  parseSecretName,
  rowItem,
  secretName,
} from '#shared/aws/keys.ts';
import { tenantIdSchema } from '#shared/domain/tenant.ts';

const tenantId = fc
  .stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,30}$/)
  .filter((id) => tenantIdSchema.safeParse(id).success);
const key = fc.record({ tenantId, connectionId: fc.stringMatching(/^[0-9a-f]{20}$/) });
const number = fc.integer({ min: 0, max: 10 ** 12 - 1 });

describe('keys', () => {
  it('read as the data model has them', () => {
    expect(connectionKeyOf({ tenantId: 'acme', connectionId: 'c1' })).toBe('acme#c1');
    expect(rowItem('user', 12)).toBe('USER#000000000012');
    expect(rowItem('group', 3)).toBe('GROUP#000000000003');
    expect(rowItem('license', 'metabase')).toBe('LICENSE#metabase');
    expect(headerItem(41)).toBe('SNAPSHOT#000000000041');
    expect(changeItem(41, 'user', 12)).toBe('CHANGE#000000000041#user#000000000012');
    expect(secretName('metabase-sync', { tenantId: 'acme', connectionId: 'c1' })).toBe(
      'metabase-sync/acme/c1',
    );
  });

  it('lead back to what they were made of', () => {
    fc.assert(
      fc.property(key, number, (connection, id) => {
        expect(parseConnectionKey(connectionKeyOf(connection))).toEqual(connection);
        expect(parseSecretName('some/prefix', secretName('some/prefix', connection))).toEqual(connection);
        expect(parseRowId('user', rowItem('user', id))).toBe(id);
        expect(parseRowId('group', rowItem('group', id))).toBe(id);
      }),
    );
    expect(parseRowId('license', rowItem('license', 'metabase'))).toBe('metabase');
  });

  it('sort as the numbers in them', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(rowItem('user', a) < rowItem('user', b)).toBe(a < b);
        expect(headerItem(a) < headerItem(b)).toBe(a < b);
      }),
    );
  });

  it('hold the changes of exactly the versions of a range', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), fc.nat(30), (since, through, version) => {
        const { from, to } = changeRange(since, through);
        for (const item of [changeItem(version, 'user', 1), changeItem(version, 'license', 'metabase')]) {
          expect(from <= item && item <= to).toBe(since < version && version <= through);
        }
      }),
    );
  });

  it.each(['prefix', 'prefix/acme', 'other/acme/c1', 'prefix/acme/c1/more'])(
    'do not take the secret %s for one of ours',
    (name) => expect(parseSecretName('prefix', name)).toBeNull(),
  );
});
