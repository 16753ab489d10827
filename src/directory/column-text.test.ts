import { expect, test } from 'vitest';
import { columnText } from './column-text.ts';
import { resolvePath, userSchemas } from './schema.ts';

const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const resource = {
  userName: 'ada',
  active: false,
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [
    { value: 'a@home.example', type: 'home' },
    { value: 'a@work.example', type: 'work', primary: true },
  ],
  phoneNumbers: [{ value: '1', type: 'work' }, { value: '2' }],
  addresses: [{ type: 'work', locality: 'London', country: 'GB', primary: true }],
  meta: { lastModified: '2026-01-31T12:00:00.000Z' },
  [urn]: { manager: { value: 'm1' } },
};

function shown(path: string): string {
  const resolved = resolvePath(userSchemas, path);
  if (!resolved) throw new Error(`no schema has ${path}`);
  return columnText(resource, resolved);
}

test.each([
  ['userName', 'ada'],
  ['active', 'false'],
  ['title', ''],
  ['name.familyName', 'Lovelace'],
  ['emails', 'a@work.example'],
  ['emails.type', 'work'],
  ['phoneNumbers', '1'],
  ['addresses', 'London, GB'],
  ['addresses.locality', 'London'],
  ['meta.lastModified', '2026-01-31T12:00:00.000Z'],
  [`${urn}:manager`, 'm1'],
  ['department', ''],
])('%s is shown as "%s"', (path, text) => expect(shown(path)).toBe(text));
