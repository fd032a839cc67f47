import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiKeySchema, connectionIdOf, connectionIdSchema } from '#shared/domain/connection.ts';

describe('an API key', () => {
  it.each(['mb_123456789', `mb_${'a'.repeat(251)}`, '  mb_AbCd+/efghijk=  '])('may look like %s', (key) => {
    expect(apiKeySchema.parse(key)).toBe(key.trim());
  });

  it.each([
    [`mb_1234${'*'.repeat(40)}`, /masked form/],
    ['mb_12345678', /12 to 254 characters/],
    [`mb_${'a'.repeat(252)}`, /12 to 254 characters/],
    ['not-a-key-at-all', /begin with mb_/],
    ['mb_with a space', /begin with mb_/],
  ])('is refused when it looks like %s', (key, sentence) => {
    expect(() => apiKeySchema.parse(key)).toThrow(sentence);
  });

  it('is never repeated by the refusal', () =>
    fc.assert(
      fc.property(
        fc.string({ minLength: 8 }).filter((text) => text.trim().length >= 8),
        (text) => {
          const result = apiKeySchema.safeParse(text);
          if (!result.success)
            expect(JSON.stringify(result.error.issues)).not.toContain(JSON.stringify(text).slice(1, -1));
        },
      ),
    ));
});

describe('a connection id', () => {
  it('is the same for the same tenant and instance, and another one otherwise', () => {
    const id = connectionIdOf('acme', 'https://bi.example.com');
    expect(connectionIdSchema.safeParse(id).success).toBe(true);
    expect(connectionIdOf('acme', 'https://bi.example.com')).toBe(id);
    expect(connectionIdOf('acme', 'https://bi.example.com/metabase')).not.toBe(id);
    expect(connectionIdOf('other', 'https://bi.example.com')).not.toBe(id);
  });
});
