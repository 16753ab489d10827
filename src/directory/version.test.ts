import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseVersion, versionOf } from './index.ts';
import { userUrn } from './schema.ts';

const resource = { schemas: [userUrn], id: '1', userName: 'ada', name: { givenName: 'Ada', familyName: 'Lovelace' } };

test('a version is the first 8 bytes of the SHA-256 of the canonical JSON, in base64', () => {
  const canonical = `{"id":"1","name":{"familyName":"Lovelace","givenName":"Ada"},"schemas":["${userUrn}"],"userName":"ada"}`;
  expect(versionOf(resource)).toBe(createHash('sha256').update(canonical).digest().subarray(0, 8).toString('base64'));
});

test('the order of members changes nothing, any change of content does', () => {
  const shuffled = { userName: 'ada', name: { familyName: 'Lovelace', givenName: 'Ada' }, id: '1', schemas: [userUrn] };
  expect(versionOf(shuffled)).toBe(versionOf(resource));
  fc.assert(
    fc.property(fc.string(), (title) => {
      expect(versionOf({ ...resource, title })).not.toBe(versionOf(resource));
      expect(versionOf({ ...resource, title })).toBe(versionOf({ title, ...resource }));
    }),
  );
});

test.each(['W/"abc="', 'W/abc=', 'W/iHKzDzJrLKQ=', '"abc="', '', ' '])('%j is not a raw version', (text) => {
  expect(() => parseVersion(text)).toThrow(expect.objectContaining({ code: 'INVALID_VERSION_FORMAT' }));
});

test.each(['iHKzDzJrLKQ=', 'W/tt40kfsMU='])('the raw version %s is taken as it is', (text) => {
  expect(parseVersion(text)).toBe(text);
});
