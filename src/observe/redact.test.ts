import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact } from './redact.ts';

const line = (value: unknown) => `${JSON.stringify(value)}\n`;
const secret = 'hunter2-and-more';

describe('a line of the log', () => {
  test.each([
    ['a member', { password: secret }],
    ['a member deep inside', { a: [{ b: { client_secret: secret } }] }],
    ['a header', { headers: { Authorization: `Bearer ${secret}` } }],
    ['cookies', { 'set-cookie': [`session=${secret}`, `other=${secret}`] }],
    ['a number', { code: 12_345_678 }],
    ['JSON in a text', { body: JSON.stringify({ refresh_token: secret, inner: JSON.stringify({ token: secret }) }) }],
    ['a bearer token in a text', { msg: `it said: authorization bearer ${secret}` }],
    ['an access key', { err: { stack: `Error: key tandem_${secret}` } }],
    ['signed JSON', { msg: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJl-hunter2' }],
    ['a query', { path: `/callback?state=1&code=${secret}&iss=x` }],
    ['a form', { msg: `grant_type=refresh_token&refresh_token=${secret}` }],
    ['an address with a password', { url: `https://user:${secret}@example.com/` }],
    ['a secret with quotes', { password: `${secret}" "x": \\" ${secret}` }],
  ])('has no secret: %s', (_name, value) => {
    const text = redact(line(value));
    expect(text).not.toMatch(/hunter2|12345678|c2lnbmF0dXJl/);
    expect(text).toContain('[redacted]');
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  test('says the rest as it was', () => {
    const said = {
      msg: 'a tool call was refused',
      tool: 'scim_get_user',
      refusal: 'VERSION_MISMATCH',
      keys: 3,
      tokens: 12,
      err: { code: 'ENOSPC' },
      code: -32_000,
    };
    expect(JSON.parse(redact(line(said)))).toEqual(said);
  });

  test('has nothing in it that a terminal obeys', () => {
    const name = 'a\n\u001b[2J\u009b31m\u007f\u2028b\u202Ec\u2066';
    const text = redact(line({ name }));
    expect(text.trimEnd()).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    expect(JSON.parse(text)).toEqual({ name });
  });

  test('is read once, whatever a stranger made it of', () => {
    // A megabyte of what began a search anew at each place took hours.
    for (const piece of [
      'x',
      '\\',
      'eyJ-',
      'eyJa.',
      '"key":[',
      '\\"key\\":\\"',
      'a://b:',
      'sk-',
      '-----BEGIN ',
      'key=',
      '"code" ',
    ])
      expect(redact(line({ path: piece.repeat(1_000_000 / piece.length) })).length).toBeGreaterThan(20);
  });

  test('is one line of JSON, whatever was in it, and twice is as once', () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), (json, text) => {
        const once = redact(line({ a: JSON.parse(json) as unknown, text, token: text }));
        expect(once.indexOf('\n')).toBe(once.length - 1);
        expect((JSON.parse(once) as { token: string }).token).toBe('[redacted]');
        expect(redact(once)).toBe(once);
      }),
    );
  });
});
