import { afterEach, describe, expect, test } from 'vitest';
import { inTurn, type FakeRequest, type Script } from '../../../test/fake-model.ts';
import { accept, decline, person, startAgent, type Agent } from '../../../test/agent.ts';
import { TestRun } from './test-run.ts';

let agent: Agent;
afterEach(() => agent.close());

const patch = (id: string, value: unknown, path = 'title', version?: string) => ({
  name: 'scim_patch_user',
  args: {
    user_id: id,
    operations: [{ op: 'replace', path, value }],
    ...(version !== undefined && { expected_version: version }),
  },
});
const idIn = (text: string) => /"id\\*":\\*"([0-9a-f-]{36})/.exec(text)?.[1] ?? '';
const search = (value: string) => ({ name: 'scim_search_users', args: { attribute: 'displayName', value } });

test('works in steps, several calls at once, and says what it did', async () => {
  const script: Script = (request, number) => {
    if (number === 1) return { text: 'I look. ', calls: [search('Ada Chen'), search('Bo Li')] };
    const ids = request.results.map(idIn);
    if (number === 2) return { calls: ids.map((id) => patch(id, 'Engineer')) };
    return { text: 'Both are engineers now.' };
  };
  agent = await startAgent(script);
  const ada = await agent.create();
  const bo = await agent.create({ userName: 'bo', displayName: 'Bo Li' });
  const run = await agent.ask('Make Ada Chen and Bo Li Engineer');
  expect(run.text).toBe('I look. \nBoth are engineers now.');
  expect(run.calls.map(({ tool, state }) => [tool, state])).toEqual([
    ['scim_search_users', 'succeeded'],
    ['scim_search_users', 'succeeded'],
    ['scim_patch_user', 'succeeded'],
    ['scim_patch_user', 'succeeded'],
  ]);
  expect(run.questions).toEqual([]);
  expect([(await agent.get(ada.id))['title'], (await agent.get(bo.id))['title']]).toEqual(['Engineer', 'Engineer']);
  expect(run.used).toMatchObject({ inputTokens: 300, outputTokens: 60 });
  // What it writes can be undone together.
  const { revisions } = await agent.directory.history.list(person, 'User', ada.id, { limit: 1 });
  expect(revisions[0]?.author).toMatchObject({ run: run.id });
});

test('shows what it is going to do, and how far it is, in one place', async () => {
  const plan = (...states: ('todo' | 'doing' | 'done')[]) => ({
    name: 'show_plan',
    args: { steps: states.map((state, index) => ({ text: `Step ${index + 1}`, state })) },
  });
  agent = await startAgent(
    inTurn(
      { calls: [plan('doing', 'todo')] },
      { calls: [plan()] },
      { calls: [plan('done', 'done')] },
      { text: 'Ready.' },
      { text: 'Yes.' },
    ),
  );
  const run = await agent.ask('Do two things');
  const plans = run.allNodes.filter(({ contentType }) => contentType === 'plan');
  expect(plans.map(({ content }) => JSON.parse(content) as unknown)).toEqual([
    { steps: [1, 2].map((step) => ({ text: `Step ${step}`, state: 'done' })) },
  ]);
  // A plan without steps is refused, and the model is told.
  expect(agent.fake.requests[2]?.results.at(-1)).toContain('steps');
  await agent.ask('And now?', { after: run });
  expect(agent.fake.requests.at(-1)?.text).not.toContain('Step 1');
});

test('the next prompt of a conversation knows the last, with its calls and results', async () => {
  agent = await startAgent(inTurn({ calls: [search('Ada Chen')] }, { text: 'There she is.' }, { text: 'Analyst.' }));
  await agent.create();
  const first = await agent.ask('Find Ada Chen');
  await agent.ask('What is her title?', { after: first });
  const messages = agent.fake.requests.at(-1)?.body['messages'] as { role: string; content: string }[];
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'assistant', 'user']);
  expect(messages[3]?.content).toContain('Analyst');
});

test('arguments that a tool does not take come back to the model as its own error', async () => {
  agent = await startAgent(
    inTurn(
      {
        calls: [
          { name: 'scim_patch_user', args: { user: 1 } },
          { name: 'no_such_tool', args: {} },
        ],
      },
      { text: 'Sorry.' },
    ),
  );
  const run = await agent.ask('Do something');
  expect(run.text).toBe('Sorry.');
  expect(agent.fake.requests.at(-1)?.results.join()).toContain('Nothing was done');
});

test('a change of other fields meanwhile costs no call of the model', async () => {
  let version = '';
  let id = '';
  const script: Script = async (_request, number) => {
    if (number > 1) return { text: 'Done.' };
    await agent.directory.mergePatch(person, 'User', id, { nickName: 'Countess' });
    return { calls: [patch(id, 'Engineer', 'title', version)] };
  };
  agent = await startAgent(script);
  ({ id } = await agent.create());
  ({ version } = await agent.directory.get(person, 'User', id));
  const run = await agent.ask(`Make ${id} Engineer`);
  expect(run.calls[0]).toMatchObject({ attempts: 2, state: 'succeeded', summary: expect.stringContaining('merged') });
  expect(await agent.get(id)).toMatchObject({ title: 'Engineer', nickName: 'Countess' });
  expect(agent.fake.requests).toHaveLength(2);
});

test('a change of the same field comes to the model with base, mine and theirs, and can be read as text', async () => {
  let version = '';
  let id = '';
  const script: Script = async (_request, number) => {
    if (number > 1) return { text: 'Somebody was faster.' };
    await agent.directory.mergePatch(person, 'User', id, { title: 'Countess' });
    return { calls: [patch(id, 'Engineer', 'title', version)] };
  };
  agent = await startAgent(script);
  ({ id } = await agent.create());
  ({ version } = await agent.directory.get(person, 'User', id));
  const run = await agent.ask(`Make ${id} Engineer`);
  expect(run.calls[0]).toMatchObject({ attempts: 1, state: 'failed', summary: expect.stringContaining('somebody changed it') });
  const told = agent.fake.requests.at(-1)?.results.join() ?? '';
  for (const word of ['Nothing was written', 'Countess', 'Analyst', 'Engineer', 'expected_version']) expect(told).toContain(word);
  expect((await agent.get(id))['title']).toBe('Countess');
});

describe('permissions', () => {
  const deleting =
    (id: () => string): Script =>
    (_request, number) =>
      number % 2 === 1 ? { calls: [{ name: 'scim_delete_user', args: { user_id: id() } }] } : { text: 'Well.' };

  test('deleting asks, with the exact arguments, and no means no', async () => {
    let id = '';
    agent = await startAgent(deleting(() => id));
    ({ id } = await agent.create());
    const run = await agent.ask('Delete Ada Chen', { answering: decline });
    expect(run.questions).toMatchObject([
      { kind: 'permission', state: 'declined', call: { tool: 'scim_delete_user', arguments: { user_id: id } } },
    ]);
    expect(run.calls).toMatchObject([{ state: 'failed', attempts: 0, summary: expect.stringContaining('did not allow') }]);
    expect(agent.fake.requests.at(-1)?.results.join()).toContain('did not allow');
    expect(await agent.directory.exists(person, 'User', id)).toBe(true);
  });

  test('allowed for the conversation, it asks no more in it; always, nowhere', async () => {
    let id = '';
    agent = await startAgent(deleting(() => id));
    const next = async (more: Parameters<Agent['ask']>[1], name = `u${Math.random()}`) => {
      ({ id } = await agent.create({ userName: name }));
      return agent.ask(`Delete ${id}`, more);
    };
    const first = await next({ answering: accept(undefined, 'conversation') });
    const second = await next({ after: first });
    const other = await next({ answering: accept(undefined, 'always') });
    const last = await next({});
    expect([first, second, other, last].map(({ questions }) => questions.length)).toEqual([1, 0, 1, 0]);
    expect(agent.data.permissions).toMatchObject([{ tool: 'tandem/scim_delete_user', userId: 'administrator' }]);
  });
});

test('a model that is away is a transient failure, and nothing was done', async () => {
  agent = await startAgent(() => ({ fault: 'status', status: 503 }));
  await expect(agent.ask('Hello')).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE', transient: true });
});

test('an answer that breaks off after it has begun fails, and its half call is not made', async () => {
  agent = await startAgent(inTurn({ fault: 'cut', text: 'I will' }));
  const run = new TestRun('Hello', { modelId: 'fake/fake-1' });
  await expect(agent.runner.run(run)).rejects.toMatchObject({ code: 'MODEL_BROKE_OFF', transient: false });
  expect(run.text).toBe('I will');
  expect(run.calls).toEqual([]);
});

test('it stops after a bound of steps, and says so', async () => {
  agent = await startAgent(() => ({ calls: [{ name: 'scim_list_users', args: { count: 1 } }] }));
  const run = new TestRun('Go on for ever', { modelId: 'fake/fake-1' });
  expect(await agent.runner.run(run)).toMatchObject({ finish: 'steps' });
  expect(run.calls).toHaveLength(24);
  expect(run.text).toContain('stopped after 24 steps');
});

test('a question with options waits for the person, and the answer is its result', async () => {
  const options = [
    { label: 'Ada the first', send: 'first' },
    { label: 'Ada the second', send: 'second' },
  ];
  agent = await startAgent(inTurn({ calls: [{ name: 'ask_person', args: { question: 'Which?', options } }] }, { text: 'Good.' }));
  const run = await agent.ask('Change Ada', { answering: accept({ value: 'second' }) });
  expect(run.questions).toMatchObject([{ kind: 'choice', message: 'Which?', state: 'accepted' }]);
  expect(agent.fake.requests.at(-1)?.results.join()).toContain('second');
  expect(run.text).toBe('Good.');
});

describe('a long conversation', () => {
  const chat = (fake: { requests: FakeRequest[] }) => fake.requests.filter(({ tools }) => tools.length > 0);

  test('is summarised by its model before it is too long, and goes on from the summary', async () => {
    agent = await startAgent(
      (request) =>
        request.tools.length === 0
          ? { text: 'They talked about Ada.', usage: { input: 50, output: 5 } }
          : { text: 'x'.repeat(6000) },
      { contextTokens: 40_000 },
    );
    let run = await agent.ask('First of all, a word: petunia.');
    while (!run.allNodes.some(({ contentType }) => contentType === 'summary')) run = await agent.ask('And more?', { after: run });
    const [summarised] = agent.fake.requests.filter(({ tools }) => tools.length === 0);
    expect(summarised?.text).toContain('petunia');
    expect(run.used.inputTokens).toBe(150);
    const last = chat(agent.fake).at(-1);
    expect(last?.text).toContain('They talked about Ada.');
    expect(last?.text).not.toContain('petunia');
    // Nothing of it is gone for the person.
    expect(run.allNodes.some(({ content }) => content.includes('petunia'))).toBe(true);
    const requests = agent.fake.requests.length;
    await agent.ask('And more?', { after: run });
    expect(agent.fake.requests).toHaveLength(requests + 1);
  });

  test('within one run, results of earlier steps give way', async () => {
    agent = await startAgent(
      (request) =>
        request.results.length < 8 ? { calls: [{ name: 'scim_list_users', args: { count: 100 } }] } : { text: 'Done.' },
      { contextTokens: 40_000 },
    );
    for (let index = 0; index < 60; index++) await agent.create({ userName: `u${index}`, title: 'x'.repeat(200) });
    expect((await agent.ask('Look again and again')).text).toBe('Done.');
    const sizes = chat(agent.fake).map(({ text }) => text.length);
    expect(Math.max(...sizes)).toBeLessThan(40_000 * 4);
    expect(agent.fake.requests.at(-1)?.results[0]?.slice(0, 200)).toContain('result is left out');
    expect(agent.fake.requests.at(-1)?.results.at(-1)?.slice(0, 200)).not.toContain('result is left out');
  });
});

test('a model with little room is offered the tools that fit, the basic ones first', async () => {
  agent = await startAgent(inTurn({ text: 'Hi.' }), { contextTokens: 16_000 });
  await agent.ask('Hello');
  const { tools = [] } = agent.fake.requests[0] ?? {};
  expect(tools).toEqual(expect.arrayContaining(['ask_person', 'scim_search_users', 'scim_patch_user', 'scim_delete_user']));
  expect(tools).not.toContain('scim_validate_schema_extension');
});
