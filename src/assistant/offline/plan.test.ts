import { expect, test } from 'vitest';
import { patchOf } from './patch.ts';
import { plan } from './plan.ts';
import type { Observation, ToolResult } from './step.ts';
import { understand } from './understand.ts';
import { managerPath } from './words.ts';

const ada = {
  id: '11111111-2222-3333-4444-555555555555',
  displayName: 'Ada Chen',
  title: 'Analyst',
  emails: [{ type: 'work', value: 'a@x.example' }],
  _version: 'v1',
};
const done = (content: Record<string, unknown>, metadata: Record<string, unknown> = {}): ToolResult => {
  return { success: true, content, metadata };
};

/** Plays a request against answers that are there already. @returns each step. */
function play(request: string, answers: readonly ToolResult[]) {
  const seen: Observation[] = [];
  const steps = [plan(understand(request), seen, request)];
  for (const result of answers) {
    const last = steps.at(-1);
    if (last?.kind !== 'call') break;
    seen.push({ tool: last.tool, args: last.args, result });
    steps.push(plan(understand(request), seen, request));
  }
  return steps;
}

const found = done({ Resources: [ada], totalResults: 1 });

test('a change is a patch on the version that was read', () => {
  const steps = play("set Ada Chen's title to CTO", [found, done(ada), done({ ...ada, title: 'CTO' })]);
  expect(steps.map((step) => (step.kind === 'call' ? step.tool : step.kind))).toEqual([
    'scim_search_users',
    'scim_get_user',
    'scim_patch_user',
    'say',
  ]);
  expect(steps[2]).toMatchObject({
    args: { operations: [{ op: 'replace', path: 'title', value: 'CTO' }], expected_version: 'v1' },
  });
});

test.each([
  [['title'], 'ask'],
  [['nickName'], 'call'],
  [[], 'call'],
])('unsaved changes of %j by somebody else', (fields, next) => {
  const others = [{ who: 'Administrator', kind: 'draft', fields }];
  expect(play("set Ada Chen's title to CTO", [found, done(ada, { advisory: { others } })]).at(-1)?.kind).toBe(next);
});

test('a question in the middle of several requests says what is left to do', () => {
  const steps = play('delete Ada Chen and list the groups', [found]);
  expect(steps.at(-1)).toMatchObject({ kind: 'ask', text: expect.stringContaining('“list the groups”') });
});

test.each([
  ['title', 'CTO', { op: 'replace', path: 'title', value: 'CTO' }],
  ['title', undefined, { op: 'remove', path: 'title' }],
  ['emails[type eq "work"].value', 'b@x.example', { op: 'replace', path: 'emails[type eq "work"].value', value: 'b@x.example' }],
  ['emails[type eq "home"].value', 'b@x.example', { op: 'add', path: 'emails', value: [{ type: 'home', value: 'b@x.example' }] }],
  ['emails[type eq "work"].value', undefined, { op: 'remove', path: 'emails[type eq "work"]' }],
  [managerPath, 'id', { op: 'replace', path: managerPath.replace('.value', ''), value: { value: 'id' } }],
])('%s becomes %s with one operation', (path, value, operation) => {
  expect(patchOf(ada, [{ path, value }])).toEqual([operation]);
});
