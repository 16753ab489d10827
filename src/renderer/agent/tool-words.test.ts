import { expect, test } from 'vitest';
import type { ToolCall } from '../../api/index.ts';
// Its words must be those of all tools that there are, which the window itself does not know.
// oxlint-disable-next-line no-restricted-imports
import { tools } from '../../mcp/tools/index.ts';
import { toolWords, wordsOf } from './tool-words.ts';

const call = (tool: string, over: Partial<ToolCall>): ToolCall => ({
  id: '1',
  server: 'tandem',
  tool,
  arguments: {},
  state: 'succeeded',
  attempts: 1,
  ...over,
});
const answered = (content: object, metadata: object = {}) => ({ result: { success: true, content, metadata } });

test('every tool of the server has words, and no other', () => {
  expect(Object.keys(toolWords).toSorted()).toEqual(tools.map(({ name }) => name).toSorted());
});

test('a call is told in a sentence, with a link to what it was about', () => {
  const group = { id: 'g', schemas: ['x'], displayName: 'Engines' };
  expect(wordsOf(call('scim_update_group', answered(group)))).toEqual({
    title: 'Change a group',
    sentence: 'Changed Engines.',
    record: { kind: 'group', id: 'g', name: 'Engines' },
  });
  const members = answered({ added: 1, removed: 0, member_count: 1 });
  expect(wordsOf(call('scim_modify_group_members', { ...members, arguments: { group_id: 'g' } }))).toMatchObject({
    sentence: 'Added 1 and removed 0; it has 1 member now.',
    record: { kind: 'group', id: 'g' },
  });
  expect(wordsOf(call('scim_user_exists', answered({ exists: false })))).toEqual({
    title: 'Check whether a person exists',
    sentence: 'There is no such person.',
  });
  const bulk = answered({ results: [] }, { succeeded: 3, failed: 1, not_done: 0 });
  expect(wordsOf(call('scim_bulk', bulk)).sentence).toBe('3 changes done, 1 refused.');
  const check = answered({ valid: false, issues: [], affected: { count: 2 } });
  const args = { arguments: { resource_type: 'User' } };
  expect(wordsOf(call('scim_validate_schema_extension', { ...check, ...args })).sentence).toBe('They do not fit 2 people.');
});

test('what failed, runs still or is not known is told as the host tells it', () => {
  expect(wordsOf(call('scim_get_user', { state: 'running' }))).toEqual({ title: 'Read a person', sentence: undefined });
  expect(wordsOf(call('scim_get_user', { state: 'failed', summary: 'Refused.' })).sentence).toBe('Refused.');
  expect(wordsOf(call('other', answered({})))).toEqual({ title: 'other', sentence: undefined });
});
