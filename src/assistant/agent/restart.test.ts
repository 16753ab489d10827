import { afterEach, describe, expect, test } from 'vitest';
import { accept, startAgent, type Agent } from '../../../test/agent.ts';
import { inTurn } from '../../../test/fake-model.ts';
import type { ToolCall } from '../context.ts';
import { TestRun } from './test-run.ts';

let agent: Agent;
afterEach(() => agent.close());

/** A run that was cut off in the middle of this call, by the end of the process. */
async function cutOff(call: Pick<ToolCall, 'tool' | 'arguments'>): Promise<TestRun> {
  const run = new TestRun('Go on', { modelId: 'fake/fake-1' });
  const card: ToolCall = { id: crypto.randomUUID(), server: 'tandem', state: 'running', attempts: 1, ...call };
  await run.put({ id: card.id, contentType: 'tool_call', content: JSON.stringify(card), metadata: { role: 'tool', step: 0 } });
  return run;
}

const patch = (id: string, title: string) => ({
  tool: 'scim_patch_user',
  arguments: { user_id: id, operations: [{ op: 'replace', path: 'title', value: title }] },
});
const reader = { id: 'r', name: 'R', kind: 'person', door: 'window', tenant: 'default', scopes: ['scim:read'] } as const;
const told = () => agent.fake.requests[0]?.results.join() ?? '';

describe('a call that was in flight when Tandem ended', () => {
  test('and was done, is found in the history by its run', async () => {
    agent = await startAgent(inTurn({ text: 'Fine.' }));
    const { id } = await agent.create();
    const run = await cutOff(patch(id, 'Engineer'));
    const asAgent = {
      id: 'agent',
      name: 'Agent',
      kind: 'agent',
      door: 'mcp',
      tenant: 'default',
      scopes: ['scim:write'],
      run: run.id,
    } as const;
    const { version } = await agent.directory.mergePatch(asAgent, 'User', id, { title: 'Engineer' });
    const again = await agent.ask('', { again: run });
    expect(again.calls).toMatchObject([
      { state: 'succeeded', versionAfter: version, summary: expect.stringContaining('was done') },
    ]);
    expect(told()).toContain('done');
  });

  test('and was not done, is said to be so', async () => {
    agent = await startAgent(inTurn({ text: 'Fine.' }));
    const { id } = await agent.create();
    const again = await agent.ask('', { again: await cutOff(patch(id, 'Engineer')) });
    expect(again.calls).toMatchObject([{ state: 'failed', summary: expect.stringContaining('was not done') }]);
    expect(told()).toContain('can be sent again');
    expect((await agent.get(id))['title']).toBe('Analyst');
  });

  test('and only reads, is made again', async () => {
    agent = await startAgent(inTurn({ text: 'Fine.' }));
    const { id } = await agent.create();
    const again = await agent.ask('', { again: await cutOff({ tool: 'scim_get_user', arguments: { user_id: id } }) });
    expect(again.calls).toMatchObject([{ state: 'succeeded', attempts: 2 }]);
    expect(told()).toContain('Analyst');
  });

  test('and cannot be looked up, is unknown to the model too', async () => {
    agent = await startAgent(inTurn({ text: 'Fine.' }));
    const again = await agent.ask('', {
      again: await cutOff({ tool: 'scim_bulk', arguments: { operations: [] } }),
    });
    expect(again.calls).toMatchObject([{ state: 'interrupted' }]);
    expect(told()).toContain('The outcome is unknown');
  });

  test('and was not done, is made again where it names the version that it was for, or creates', async () => {
    agent = await startAgent(inTurn({ text: 'Fine.' }, { text: 'Fine.' }));
    const { id } = await agent.create();
    const { version } = await agent.directory.get(reader, 'User', id);
    const { tool, arguments: args } = patch(id, 'Engineer');
    const conditional = await agent.ask('', { again: await cutOff({ tool, arguments: { ...args, expected_version: version } }) });
    expect(conditional.calls).toMatchObject([{ state: 'succeeded', attempts: 2 }]);
    expect((await agent.get(id))['title']).toBe('Engineer');
    const user_data = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'x' };
    const run = await cutOff({ tool: 'scim_create_user', arguments: { user_data } });
    const created = await agent.ask('', { again: run });
    expect(created.calls).toMatchObject([{ state: 'succeeded', attempts: 2 }]);
  });
});

describe('a permission that was asked when Tandem ended', () => {
  test('waits on, and lets the same call run', async () => {
    agent = await startAgent((request) =>
      request.results.length > 0 ? { text: 'Gone.' } : { calls: [{ name: 'scim_delete_user', args: { user_id: id } }] },
    );
    const { id } = await agent.create();
    const first = new TestRun(`Delete ${id}`, { modelId: 'fake/fake-1' });
    const ended = agent.runner.run(first);
    await expect.poll(() => first.questions.length).toBe(1);
    first.stop('closing');
    await expect(ended).rejects.toBe('closing');
    await agent.restart();
    const again = await agent.ask('', { again: first, answering: accept() });
    expect(again.questions).toHaveLength(1);
    expect(again.calls).toMatchObject([{ state: 'succeeded' }]);
  });

  test('is asked anew for other arguments than were shown', async () => {
    agent = await startAgent((request) =>
      request.results.length > 0 ? { text: 'Well.' } : { calls: [{ name: 'scim_delete_user', args: { user_id: id } }] },
    );
    const { id } = await agent.create();
    const other = await agent.create({ userName: 'bo' });
    const first = new TestRun(`Delete ${id}`, { modelId: 'fake/fake-1' });
    const ended = agent.runner.run(first);
    await expect.poll(() => first.questions.length).toBe(1);
    first.stop('closing');
    await expect(ended).rejects.toBe('closing');
    // Somebody has got at the stored card, after the person has said yes to what it showed.
    for (const node of first.allNodes) {
      if (node.contentType === 'tool_call') node.content = node.content.replaceAll(id, other.id);
      if (node.contentType === 'question') node.content = node.content.replace('"pending"', '"accepted"');
    }
    const again = await agent.ask('', { again: first, answering: () => ({ action: 'decline' }) });
    expect(again.questions.map(({ state }) => state)).toEqual(['accepted', 'declined']);
    expect(await agent.get(other.id)).toMatchObject({ userName: 'bo' });
  });
});

test("the demo's tools ask in mid-call, and with a form, as those of others do", async () => {
  agent = await startAgent(
    inTurn(
      { calls: [{ name: 'create_ticket', args: { initial_description: 'The printer is on fire' } }] },
      { calls: [{ name: 'book_appointment_v2', args: {} }] },
      { text: 'All is made.' },
    ),
    { toolset: 'demo' },
  );
  const date = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  const given: Record<string, unknown> = { reporter_name: 'Ada Chen', priority: 'high', name: 'Ada Chen', date, confirm: 'yes' };
  const run = await agent.ask('A ticket and an appointment, please', {
    answering: ({ schema }) => {
      const names = Object.keys(schema?.['properties'] ?? {});
      return {
        action: 'accept',
        content: Object.fromEntries(names.flatMap((name) => (name in given ? [[name, given[name]]] : []))),
      };
    },
  });
  expect(run.questions.map(({ kind, call }) => [kind, call?.tool])).toEqual([
    ['form', 'create_ticket'],
    ['form', 'book_appointment_v2'],
    ['form', 'book_appointment_v2'],
    ['form', 'book_appointment_v2'],
  ]);
  expect(run.calls.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  expect(run.calls[0]?.result).toMatchObject({
    content: { ticket_id: expect.any(String), reporter_name: 'Ada Chen', priority: 'high' },
  });
  expect(run.calls[1]?.result).toMatchObject({ content: { appointment_id: expect.any(String), date } });
  expect(agent.fake.requests).toHaveLength(3);
});

test('a call that was stopped while it waited for an answer asks again when the request is tried again', async () => {
  agent = await startAgent(
    inTurn({ calls: [{ name: 'create_ticket_v2', args: { initial_description: 'No light' } }] }, { text: 'Made.' }),
    { toolset: 'demo' },
  );
  const first = new TestRun('A ticket, please', { modelId: 'fake/fake-1' });
  const ended = agent.runner.run(first);
  await expect.poll(() => first.questions.length).toBe(1);
  first.stop('stopped');
  await expect(ended).rejects.toBe('stopped');
  expect(first.calls).toMatchObject([{ state: 'interrupted', summary: 'Stopped while it waited for an answer.' }]);
  const again = await agent.ask('', { again: first, answering: accept({ reporter_name: 'Ada Chen', priority: 'high' }) });
  expect(again.calls).toMatchObject([{ state: 'succeeded', result: { content: { reporter_name: 'Ada Chen' } } }]);
});
