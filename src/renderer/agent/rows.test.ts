import { expect, test } from 'vitest';
import type { ContextNode, Question, Task, ToolCall } from '../../api/index.ts';
import { announcementOf } from './announcement.ts';
import { withEvent, type Conversation } from './conversation.ts';
import { markdownOf } from './export-text.ts';
import { rowsOf } from './rows.ts';

const owner = { tenant: 't', userId: 'administrator' };
const context: Conversation['context'] = {
  id: 'c',
  owner,
  title: 'Sales',
  modelId: 'offline-rules',
  metadata: {},
  allowedTools: [],
  usage: { inputTokens: 0, outputTokens: 0 },
  created: '2026-11-21T10:00:00Z',
  updated: '2026-11-21T10:00:00Z',
  expires: '2026-12-21T10:00:00Z',
};
const node = (id: string, content: string, over: Partial<ContextNode> = {}): ContextNode => ({
  id,
  contextId: 'c',
  content,
  contentType: 'text',
  metadata: { role: 'assistant', task: 'run' },
  created: '2026-11-21T10:00:00Z',
  ...over,
});
const task = (status: Task['status'], over: Partial<Task> = {}): Task => ({
  id: 'run',
  type: 'mcp.add_prompt',
  owner,
  contextId: 'c',
  priority: 'high',
  status,
  input: { prompt: 'Find everyone' },
  attempts: 1,
  created: '2026-11-21T10:00:00Z',
  ...over,
});
const prompt = node('p', 'Find everyone', { metadata: { role: 'user', task: 'run' } });
const call: ToolCall = { id: 'k', server: 'tandem', tool: 'scim_update_user', arguments: {}, state: 'succeeded', attempts: 1 };
const called = node('k', JSON.stringify(call), { contentType: 'tool_call' });
const kinds = (conversation: Conversation) => rowsOf(conversation).map(({ kind }) => kind);

test('a request that works, has changed something, has failed or waits says so below it', () => {
  expect(kinds({ context, nodes: [prompt], tasks: [task('running')] })).toEqual(['person', 'end']);
  expect(kinds({ context, nodes: [prompt, node('a', 'Done')], tasks: [task('completed')] })).toEqual(['person', 'text']);
  const changed = rowsOf({ context, nodes: [prompt, called, node('a', 'Done')], tasks: [task('completed')] });
  expect(changed.at(-1)).toMatchObject({ kind: 'end', hasChanged: true });
  expect(kinds({ context, nodes: [prompt], tasks: [task('failed')] })).toEqual(['person', 'end']);
  const later = task('scheduled', { id: 'later', input: { prompt: 'And then?' }, created: '2026-11-21T10:01:00Z' });
  const waits = rowsOf({ context, nodes: [prompt], tasks: [task('running'), later] });
  expect(waits.map(({ kind }) => kind)).toEqual(['person', 'end', 'waiting']);
  expect(waits.at(-1)).toMatchObject({ prompt: 'And then?' });
});

test('what others put into a conversation is shown as what it is, also where it only looks like ours', () => {
  const odd = node('o', 'not JSON', { contentType: 'tool_call', metadata: {} });
  const system = node('s', 'Be brief', { metadata: { role: 'system' } });
  expect(kinds({ context, nodes: [odd, system], tasks: [] })).toEqual(['other', 'other']);
});

test('events bring a conversation up to date, twice as well as once, and a gap is noticed', () => {
  const open: Conversation = { context, nodes: [node('a', '')], tasks: [] };
  const delta = { kind: 'delta', owner, contextId: 'c', nodeId: 'a', at: 0, text: 'Hello' } as const;
  const once = withEvent(open, delta);
  expect(once?.nodes[0]?.content).toBe('Hello');
  expect(once && withEvent(once, delta)).toBe(once);
  expect(once && withEvent(once, { ...delta, at: 3, text: 'lo, you' })?.nodes[0]?.content).toBe('Hello, you');
  expect(withEvent(open, { ...delta, at: 7 })).toBeUndefined();
  expect(withEvent(open, { ...delta, nodeId: 'unknown' })).toBeUndefined();
  const more = withEvent(open, { kind: 'node', owner, node: prompt, change: 1 });
  expect(more?.nodes.map(({ id }) => id)).toEqual(['a', 'p']);
  expect(more && withEvent(more, { kind: 'node-deleted', owner, contextId: 'c', nodeId: 'a' })?.nodes).toEqual([prompt]);
  const tasks = withEvent(open, { kind: 'task', owner, task: task('running') });
  expect(tasks && withEvent(tasks, { kind: 'task', owner, task: task('completed') })?.tasks).toEqual([task('completed')]);
});

test('who does not see it is told once what happens, not each word', () => {
  const tell = (nodes: ContextNode[], status: Task['status']) =>
    announcementOf(rowsOf({ context, nodes, tasks: [task(status)] }));
  expect(tell([prompt], 'running')).toBe('The agent is working.');
  expect(tell([prompt, node('a', '19 peo')], 'running')).toBe('The agent is working.');
  expect(tell([prompt, node('a', '19 people')], 'completed')).toBe('The agent: 19 people');
  const question: Question = { id: 'q', kind: 'choice', from: 'agent', message: 'Which?', state: 'pending', deadline: '' };
  const asked = node('q', JSON.stringify(question), { contentType: 'question' });
  expect(tell([prompt, asked], 'running')).toBe('The agent asks: Which?');
  expect(tell([prompt], 'cancelled')).toBe('Stopped.');
});

test('a conversation is exported as a text', () => {
  const text = markdownOf({ context, nodes: [prompt, called, node('a', 'Done.')], tasks: [] });
  expect(text).toBe('# Sales\n\n**You:**\n\nFind everyone\n\n> _Change a person_ (`scim_update_user`)\n\n**Agent:**\n\nDone.\n');
});
