import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '#shared/lambda/redact.ts';

const base64 = fc.stringMatching(/^[A-Za-z0-9+/]{20,60}={0,2}$/);

describe('redaction', () => {
  it('takes a key out of any text around it and leaves the rest', () =>
    fc.assert(
      fc.property(base64, fc.string(), fc.string(), (secret, before, after) => {
        const redacted = redact(`${before} mb_${secret} ${after}`);
        expect(redacted).not.toContain(`mb_${secret}`);
        expect(redacted).toContain('mb_[redacted]');
      }),
    ));

  it('leaves an ordinary sentence as it is', () => {
    expect(redact('Keys begin with mb_ and are long.')).toBe('Keys begin with mb_ and are long.');
  });
});
