import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '#shared/domain/errors.ts';
import { instanceUrlCandidates } from '#shared/domain/instance-url.ts';

describe('a pasted instance URL', () => {
  it.each([
    ['https://bi.example.com', 'https://bi.example.com'],
    ['  https://bi.example.com/  ', 'https://bi.example.com'],
    ['bi.example.com', 'https://bi.example.com'],
    ['localhost:3000', 'https://localhost:3000'],
    ['HTTPS://BI.Example.COM:443/', 'https://bi.example.com'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    ['https://bi.example.com/api', 'https://bi.example.com'],
    ['https://bi.example.com/api/', 'https://bi.example.com'],
    ['https://bi.example.com/api/session/properties', 'https://bi.example.com'],
    ['https://bi.example.com/metabase/api/', 'https://bi.example.com/metabase'],
    ['https://bi.example.com/metabase/', 'https://bi.example.com/metabase'],
    ['https://bi.example.com/tools/metabase', 'https://bi.example.com/tools/metabase'],
    ['https://bi.example.com/dashboard/12-sales?tab=3#x', 'https://bi.example.com'],
    ['https://bi.example.com/admin/settings/authentication/api-keys', 'https://bi.example.com'],
    ['https://bi.example.com/question#eyJkYXRh', 'https://bi.example.com'],
    ['https://bi.example.com/metabase/collection/root', 'https://bi.example.com/metabase'],
    ['https://bi.example.com/auth/login?redirect=%2F', 'https://bi.example.com'],
  ])('%s means %s first', (pasted, meant) => {
    expect(instanceUrlCandidates(pasted)[0]).toBe(meant);
  });

  it('may mean a sub-path that is named like a page, or a page that is not known yet', () => {
    expect(instanceUrlCandidates('https://intranet.example.com/admin/metabase')).toEqual([
      'https://intranet.example.com',
      'https://intranet.example.com/admin/metabase',
    ]);
    expect(instanceUrlCandidates('https://bi.example.com/some-new-page')).toEqual([
      'https://bi.example.com/some-new-page',
      'https://bi.example.com',
    ]);
  });

  it.each([
    ['', /not a URL/],
    ['not a url', /not a URL/],
    ['https://', /not a URL/],
    ['ftp://bi.example.com', /must begin with https/],
    ['https://ana:secret@bi.example.com', /must not hold a user name/],
  ])('is refused when it is "%s"', (pasted, sentence) => {
    expect(() => instanceUrlCandidates(pasted)).toThrow(sentence);
  });

  it('means the same when what it means is pasted again', () =>
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (pasted) => {
        const [meant] = instanceUrlCandidates(pasted);
        expect(instanceUrlCandidates(meant)[0]).toBe(meant);
        expect(meant.endsWith('/')).toBe(false);
      }),
    ));

  it('fails with nothing but a named failure, whatever is typed', () =>
    fc.assert(
      fc.property(fc.string(), (typed) => {
        try {
          instanceUrlCandidates(typed);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
    ));
});
