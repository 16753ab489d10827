import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Actor, Resource } from '../directory/index.ts';
import { startDoor, writer } from '../mcp/test-door.ts';
import { createAssistant, type Assistant, type Choice, type Message, type ToolCall } from './index.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
let assistant: Assistant;

const tenant = 'default';
const person: Actor = { id: 'a', name: 'Administrator', kind: 'person', door: 'window', tenant, scopes: ['scim:admin'] };

beforeEach(async () => {
  door = await startDoor();
  assistant = createAssistant({ mcpUrl: door.url, keyFor: () => writer, log: pino({ level: 'silent' }), random: () => 0 });
});
afterEach(async () => {
  await assistant.close();
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

/** Says something and waits for the whole answer. */
async function ask(
  text: string,
  focus?: { id: string; name: string },
): Promise<{ message: Message; text: string; calls: ToolCall[]; choice?: Choice }> {
  return answered(() => assistant.send({ tenant, text, focus }));
}

async function answered(begin: () => Promise<void>) {
  const message = await new Promise<Message>((resolve, reject) => {
    const end = assistant.onEvent((event) => {
      if (event.kind !== 'message' || event.message.from !== 'agent') return;
      if (event.message.open || event.message.parts.length === 0) return;
      end();
      resolve(event.message);
    });
    begin().catch(reject);
  });
  const choice = message.parts.find((part) => part.kind === 'choice');
  return {
    message,
    text: message.parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
    calls: message.parts.filter((part) => part.kind === 'tool-call'),
    ...(choice && { choice }),
  };
}

test('finds, shows and counts', async () => {
  await create();
  await create({ userName: 'bo', displayName: 'Bo Li' });
  expect((await ask('How many people are there?')).text).toContain('2 people');
  const shown = await ask('who is ada chen');
  expect(shown.text).toContain('title Analyst');
  expect(shown.calls[0]).toMatchObject({ tool: 'scim_search_users', state: 'succeeded', attempts: 1 });
  expect((await ask('show Zoe')).text).toContain('found nobody');
});

test('creates, and sets a field, with the versions on the card', async () => {
  expect((await ask('Create Grace Hopper, grace@example.com, title Admiral')).text).toContain('Created Grace Hopper');
  const { text, calls } = await ask("Set Grace Hopper's title to Rear Admiral");
  expect(text).toContain('Done: changed job title to “Rear Admiral”');
  expect(calls.at(-1)).toMatchObject({
    tool: 'scim_patch_user',
    state: 'succeeded',
    versionBefore: expect.any(String),
    versionAfter: expect.any(String),
  });
});

test('an ambiguous name is asked back, and the answer goes on with the request', async () => {
  const { id } = await create();
  await create({ userName: 'ada.two' });
  const { choice } = await ask('deactivate Ada Chen');
  expect(choice?.options).toHaveLength(2);
  const meant = choice?.options.find(({ send }) => send.includes(id))?.send ?? '';
  expect((await ask(meant)).text).toContain('status to inactive for Ada Chen');
  expect((await door.directory.get(person, 'User', id)).resource['active']).toBe(false);
});

test('deletes only after a yes, and only what was shown', async () => {
  const { id } = await create();
  const { choice } = await ask('delete Ada Chen');
  await door.directory.mergePatch(person, 'User', id, { title: 'Countess' });
  const second = await ask(choice?.options[0]?.send ?? '');
  expect(second.text).toContain('changed since you were asked');
  expect(await door.directory.exists(person, 'User', id)).toBe(true);
  expect((await ask(second.choice?.options[0]?.send ?? '')).text).toContain('Deleted Ada Chen');
  expect(await door.directory.exists(person, 'User', id)).toBe(false);
});

test('a change of another field between its read and its write is merged, and both stand', async () => {
  const { id } = await create();
  const { text, calls } = await staleUpdate(id);
  expect(text).toContain('both changes are kept');
  expect(calls.at(-1)).toMatchObject({ attempts: 2, state: 'succeeded' });
  expect((await door.directory.get(person, 'User', id)).resource).toMatchObject({ title: 'CTO', nickName: 'Countess' });
});

/** "Use mine" with a version that is not the newest any more: the same path as a race, without its chance. */
async function staleUpdate(id: string) {
  const { version } = await door.directory.get(person, 'User', id);
  await door.directory.mergePatch(person, 'User', id, { nickName: 'Countess' });
  return ask(`Use mine for ${id}: title = “CTO” at version ${version}`);
}

test('a change of the same field is not overwritten: it asks, and does what is answered', async () => {
  const { id } = await create();
  const { version } = await door.directory.get(person, 'User', id);
  await door.directory.mergePatch(person, 'User', id, { title: 'Countess' });
  const { text, choice } = await ask(`Use mine for ${id}: title = “CTO” at version ${version}`);
  expect(text).toContain('Administrator changed job title to “Countess”');
  expect(text).toContain('you asked for “CTO”');
  expect((await door.directory.get(person, 'User', id)).resource['title']).toBe('Countess');
  expect((await ask(choice?.options[0]?.send ?? '')).text).toContain('Done: changed job title');
  expect((await door.directory.get(person, 'User', id)).resource['title']).toBe('CTO');
});

test('a conflict is played for real: the fields named have other values, written by the agent', async () => {
  const { id } = await create();
  const fields = [
    'title',
    'name.familyName',
    'emails[type eq "work"].value',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
  ];
  const { text, calls } = await answered(() => assistant.showConflict({ tenant, userId: id, fields }));
  expect(text).toContain('through MCP');
  expect(calls.map(({ tool }) => tool)).toEqual(['scim_get_user', 'scim_update_user']);
  const {
    revisions: [last],
  } = await door.directory.history.list(person, 'User', id, { limit: 1 });
  expect(last?.author).toMatchObject({ kind: 'agent', door: 'mcp' });
  expect(last?.changes.map(({ path }) => path)).toEqual(expect.arrayContaining(['title', 'name.familyName']));
});

test('it can be stopped, and a server that is away is said plainly', async () => {
  await create();
  const stopped = answered(async () => {
    await assistant.send({ tenant, text: 'who is Ada Chen' });
    assistant.stop(tenant);
  });
  expect((await stopped).text).toContain('Stopped.');
  expect((await ask('who is Ada Chen')).text).toContain('title Analyst');
  const lost = createAssistant({ mcpUrl: 'http://127.0.0.1:9/mcp', keyFor: () => writer, log: pino({ level: 'silent' }) });
  const text = new Promise<string>((resolve) => {
    lost.onEvent((event) => {
      if (event.kind === 'message' && event.message.from === 'agent' && !event.message.open)
        resolve(JSON.stringify(event.message.parts));
    });
  });
  await lost.send({ tenant, text: 'list everyone' });
  expect(await text).toContain('could not reach');
  await lost.close();
});

test('says that it waits, where policy lets a person decide', async () => {
  const ada = await create();
  const { policy } = door.directory;
  const rule = { allAgents: { approval: { attributes: ['title'] } }, waitSeconds: 0 };
  await policy.update(person, rule, policy.get(person).version);
  const { text, calls } = await ask("Set Ada Chen's title to Engineer");
  expect(text).toBe(
    'This waits for approval in the inbox; nothing was changed yet. For all agents: changes to title need approval.',
  );
  expect(calls.at(-1)?.summary).toBe('Waits for approval in the inbox.');
  const [waiting] = (await door.directory.escalations.list(person, { limit: 1 })).escalations;
  await door.directory.escalations.decide(person, waiting?.id ?? '', { approve: true });
  expect((await door.directory.get(person, 'User', ada.id)).resource['title']).toBe('Engineer');
});
