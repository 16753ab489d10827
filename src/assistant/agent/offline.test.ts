import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Actor, Resource } from '../../directory/index.ts';
import { startDoor, writer } from '../../mcp/test-door.ts';
import type { Runner } from '../run.ts';
import { createRunner } from './create-runner.ts';
import { TestRun, type Answering } from './test-run.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
let runner: Runner;

const person: Actor = {
  id: 'a',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:admin'],
};
const parts = {
  keyFor: () => writer,
  settings: {
    data: { models: [], servers: [], permissions: [] },
    permissions: { list: () => [], allow: async () => {} },
    onChange: () => () => {},
  },
  secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
  log: pino({ level: 'silent' }),
  random: () => 0,
};

beforeEach(async () => {
  door = await startDoor();
  runner = createRunner({ ...parts, mcpUrl: door.url });
});
afterEach(async () => {
  await runner.close();
  await door.close();
});

async function create(over: Record<string, unknown> = {}): Promise<Resource> {
  const record = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ada.chen',
    displayName: 'Ada Chen',
    name: { givenName: 'Ada', familyName: 'Chen' },
    title: 'Analyst',
    ...over,
  };
  return (await door.directory.create(person, 'User', record)).resource;
}

const titleOf = async (id: string) => (await door.directory.get(person, 'User', id)).resource['title'];

async function ask(prompt: string, options: ConstructorParameters<typeof TestRun>[1] = {}): Promise<TestRun> {
  const run = new TestRun(prompt, options);
  await runner.run(run);
  return run;
}

/** Takes the first option of each choice whose label begins so. */
const choose =
  (...labels: string[]): Answering =>
  ({ options = [] }) => {
    const label = labels.shift();
    const chosen = options.find((option) => label !== undefined && option.label.startsWith(label));
    return chosen && { action: 'accept', content: { value: chosen.value } };
  };

test('finds, shows and counts, in one conversation', async () => {
  await create();
  await create({ userName: 'bo', displayName: 'Bo Li' });
  const first = await ask('How many people are there?');
  expect(first.text).toContain('2 people');
  const shown = await ask('who is ada chen', { after: first });
  expect(shown.text).toContain('title Analyst');
  expect(shown.calls[0]).toMatchObject({ server: 'tandem', tool: 'scim_search_users', state: 'succeeded', attempts: 1 });
});

test('sets a field, with the versions on the card, on the person who is open', async () => {
  const { id } = await create();
  const { text, calls } = await ask('set her title to Engineer', { metadata: { focus: { id, name: 'Ada Chen', type: 'User' } } });
  expect(text).toContain('Done: changed job title to “Engineer”');
  expect(calls.at(-1)).toMatchObject({ state: 'succeeded', versionBefore: expect.any(String), versionAfter: expect.any(String) });
  expect(await titleOf(id)).toBe('Engineer');
});

test('an ambiguous name is asked back, and the run goes on with the answer', async () => {
  await create();
  await create({ userName: 'ada.two', title: 'Cook' });
  const run = await ask('deactivate Ada Chen', { answering: choose('Ada Chen · Cook') });
  expect(run.questions).toMatchObject([{ kind: 'choice', from: 'agent', state: 'accepted' }]);
  expect(run.text).toContain('status to inactive for Ada Chen');
});

test('deletes after one question, its own, and only what was shown', async () => {
  const { id } = await create();
  let asked = 0;
  const answering: Answering = async (question) => {
    if (asked++ === 0) await door.directory.mergePatch(person, 'User', id, { title: 'Countess' });
    return choose('Delete')(question);
  };
  const run = await ask('delete Ada Chen', { answering });
  expect(run.text).toContain('changed since you were asked');
  expect(run.questions.map(({ kind }) => kind)).toEqual(['choice', 'choice']);
  expect(await door.directory.exists(person, 'User', id)).toBe(false);
  const other = await create();
  const kept = await ask('delete Ada Chen', { answering: () => ({ action: 'cancel' }) });
  expect(kept.text).toContain('leave it as it is');
  expect(await door.directory.exists(person, 'User', other.id)).toBe(true);
});

test('a change of another field is merged by the adapter; one of the same field is asked about', async () => {
  const { id } = await create();
  const stale = (await door.directory.get(person, 'User', id)).version;
  await door.directory.mergePatch(person, 'User', id, { nickName: 'Countess' });
  const merged = await ask(`Use mine for ${id}: title = “CTO” at version ${stale}`);
  expect(merged.text).toContain('both changes are kept');
  expect(merged.calls.at(-1)).toMatchObject({ attempts: 2, state: 'succeeded' });
  const collided = await ask(`Use mine for ${id}: nickName = “Ace” at version ${stale}`, { answering: choose('Use mine') });
  expect(collided.text).toContain('Administrator changed nickname to “Countess”');
  expect((await door.directory.get(person, 'User', id)).resource['nickName']).toBe('Ace');
});

test('a conflict is played for real', async () => {
  const { id } = await create();
  const metadata = { scenario: 'conflict', userId: id, fields: ['title', 'name.familyName'] };
  const { text, calls } = await ask('Show me a conflict.', { metadata });
  expect(text).toContain('through MCP');
  expect(calls.map(({ tool }) => tool)).toEqual(['scim_get_user', 'scim_update_user']);
  const { revisions } = await door.directory.history.list(person, 'User', id, { limit: 1 });
  expect(revisions[0]?.author).toMatchObject({ kind: 'agent', door: 'mcp' });
});

test('a server that is away is a transient failure that says so', async () => {
  const lost = createRunner({ ...parts, mcpUrl: 'http://127.0.0.1:9/mcp' });
  await expect(lost.run(new TestRun('list everyone'))).rejects.toMatchObject({ code: 'TOOLS_UNREACHABLE', transient: true });
  await lost.close();
});

test('what policy lets a person decide is asked in the conversation, in the form of the server', async () => {
  const { id } = await create();
  const { policy } = door.directory;
  const rule = { allAgents: { approval: { attributes: ['title'] } }, waitSeconds: 5 };
  await policy.update(person, rule, policy.get(person).version);
  const run = await ask("Set Ada Chen's title to Engineer", {
    answering: () => ({ action: 'accept', content: { reason: 'fine' } }),
  });
  expect(run.questions).toMatchObject([{ kind: 'form', from: 'Tandem', state: 'accepted', call: { tool: 'scim_patch_user' } }]);
  expect(run.text).toContain('Done: changed job title');
  expect(await titleOf(id)).toBe('Engineer');
});

test('a run that ended in the middle waits on with its question, and does what is answered', async () => {
  const { id } = await create();
  const first = new TestRun('delete Ada Chen');
  const ended = runner.run(first);
  while (first.questions.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  first.stop('closing');
  await expect(ended).rejects.toBe('closing');
  const again = await ask('', { again: first, answering: choose('Delete') });
  expect(again.questions).toHaveLength(1);
  expect(again.calls.filter(({ tool }) => tool === 'scim_delete_user')).toHaveLength(1);
  expect(await door.directory.exists(person, 'User', id)).toBe(false);
});
