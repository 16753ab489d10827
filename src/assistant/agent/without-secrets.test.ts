import { expect, test } from 'vitest';
import { withoutSecrets } from './without-secrets.ts';

test('passwords and tokens are hidden wherever a call has them, and nothing else is', () => {
  const hidden = '[not kept]';
  const args = {
    user_id: '1',
    data: { operation: 'authenticate', user_name: 'ada', password: 'correct horse' },
    user_data: { userName: 'ada', Password: 'x', emails: [{ value: 'ada@example.com' }] },
    patch: [
      { op: 'replace', path: 'password', value: 'y' },
      { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:password', value: 'z' },
      { op: 'replace', path: 'title', value: 'password' },
      { op: 'add', value: { password: 'w' } },
    ],
    token: 'abc',
    password: null,
  };
  expect(withoutSecrets(args)).toEqual({
    user_id: '1',
    data: { operation: 'authenticate', user_name: 'ada', password: hidden },
    user_data: { userName: 'ada', Password: hidden, emails: [{ value: 'ada@example.com' }] },
    patch: [
      { op: 'replace', path: 'password', value: hidden },
      { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:password', value: hidden },
      { op: 'replace', path: 'title', value: 'password' },
      { op: 'add', value: { password: hidden } },
    ],
    token: hidden,
    password: null,
  });
});
