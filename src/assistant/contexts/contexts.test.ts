import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import type { Owner, Priority, Question, Task, ToolCall } from '../context.ts';
import { RunError, type Run } from '../run.ts';
import type { AssistantEvent } from '../service.ts';
import { AssistantStore } from '../store/assistant-store.ts';
import { promptOf, runnerOf, startService, type TestService } from './test-service.ts';

const owner: Owner = { tenant: 'default', userId: 'administrator' };
const far = new Date(Date.now() + 3_600_000).toISOString();

let started: TestService | undefined;
afterEach(() => started?.close());

async function start(work: (run: Run) => Promise<void>, options: Partial<Parameters<typeof startService>[0]> = {}) {
  started = await startService({ runner: runnerOf(work), ...options });
  return started.service;
}

/** Ends when it is told to. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

function untilAborted(run: Run): Promise<never> {
  return new Promise((_resolve, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason)));
}

const card = (state: ToolCall['state']): string =>
  JSON.stringify({ id: 'call', server: 'tandem', tool: 'scim_update_user', arguments: {}, state, attempts: 1 });

const question = (id: string): Omit<Question, 'state'> => ({
  id,
  kind: 'form',
  from: 'agent',
  message: 'Which title?',
  schema: { type: 'object', properties: { title: { type: 'string', maxLength: 5 } }, required: ['title'] },
  deadline: far,
});

test('a prompt is answered below it, the next one below the answer, and both are there after a restart', async () => {
  const service = await start(async (run) => {
    run.say('Hello ');
    run.say(promptOf(run));
    await run.put({ id: `${run.id}-call`, contentType: 'tool_call', content: card('succeeded') });
    run.say('Done.');
    await run.use({ inputTokens: 3, outputTokens: 2 });
  });
  const { context } = await service.createContext(owner, { nodes: [{ content: 'Be kind.', metadata: { role: 'system' } }] });
  const tasks = [
    await service.addPrompt(owner, context.id, { prompt: 'one' }),
    await service.addPrompt(owner, context.id, { prompt: 'two' }),
  ];
  for (const { id } of tasks) expect(await service.ended(owner, id)).toMatchObject({ status: 'completed', attempts: 1 });
  const texts = ['Be kind.', 'one', 'Hello one', card('succeeded'), 'Done.', 'two', 'Hello two', card('succeeded'), 'Done.'];
  expect(service.context(owner, context.id).nodes.map(({ content }) => content)).toEqual(texts);
  expect(service.task(owner, tasks[1]?.id ?? '').output).toMatchObject({ completion: 'Hello two\n\nDone.' });
  await started?.stop();
  started = await startService({ runner: runnerOf(async () => {}), folder: started?.folder ?? '' });
  const again = started.service.context(owner, context.id);
  expect(again.nodes.map(({ content }) => content)).toEqual(texts);
  expect(again.context).toMatchObject({ title: 'one', usage: { inputTokens: 6, outputTokens: 4 } });
});

test('events tell what the window shows, and text is streamed before the run has ended', async () => {
  const { opened, open } = gate();
  const service = await start(async (run) => {
    run.say('a');
    run.say('b');
    await opened;
  });
  const events: AssistantEvent[] = [];
  service.onEvent((event) => {
    events.push(event);
    if (event.kind === 'delta' && event.at === 1) open();
  });
  const { context } = await service.createContext(owner, {});
  const { id } = await service.addPrompt(owner, context.id, { prompt: 'hi' });
  await service.ended(owner, id);
  const shown = events
    .filter(({ kind }) => kind !== 'context')
    .map((event) => (event.kind === 'task' ? `task ${event.task.status}` : event.kind));
  expect(shown).toEqual([
    // The context, the prompt, and its answer.
    'task scheduled',
    'task completed',
    'task scheduled',
    'task running',
    'node',
    'node',
    'delta',
    'delta',
    'task completed',
  ]);
});

test('prompts of several contexts run at once, within the bound; one that waits for an answer takes no place', async () => {
  let running = 0;
  let most = 0;
  const service = await start(
    async (run) => {
      most = Math.max(most, ++running);
      if (promptOf(run) === 'ask') {
        running--;
        await run.ask(question('q'));
        running++;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    },
    { limits: { runsMax: 2 } },
  );
  const asked: Task[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const { context } = await service.createContext(owner, {});
    asked.push(await service.addPrompt(owner, context.id, { prompt: 'ask' }));
  }
  await new Promise<void>((resolve) => {
    const look = () => (service.stats().waitingForAnswer === 5 ? resolve() : void setTimeout(look, 2));
    look();
  });
  const others = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { context } = await service.createContext(owner, {});
      return service.addPrompt(owner, context.id, { prompt: 'work' });
    }),
  );
  for (const { id } of others) expect((await service.ended(owner, id)).status).toBe('completed');
  expect(most).toBe(2);
  for (const { id, contextId = '' } of asked) {
    await service.answer(owner, contextId, 'q', { action: 'accept', content: { title: 'CTO' } });
    expect((await service.ended(owner, id)).status).toBe('completed');
  }
});

test('a question keeps its draft over a restart, takes a valid answer once, and the run goes on where it stopped', async () => {
  const answers: unknown[] = [];
  const work = async (run: Run) => {
    answers.push(await run.ask(question('q')));
  };
  const service = await start(work);
  const { context } = await service.createContext(owner, {});
  const { id } = await service.addPrompt(owner, context.id, { prompt: 'hi' });
  const asked = new Promise<void>((resolve) =>
    service.onEvent((event) => event.kind === 'node' && event.node.id === 'q' && resolve()),
  );
  await asked;
  await service.keepDraft(owner, context.id, 'q', { title: 'C' });
  await started?.stop();
  started = await startService({ runner: runnerOf(work), folder: started?.folder ?? '' });
  const again = started.service;
  const shown = again.context(owner, context.id).nodes.find((node) => node.id === 'q');
  expect(JSON.parse(shown?.content ?? '')).toMatchObject({ state: 'pending', draft: { title: 'C' } });
  const answer = (title: unknown) => again.answer(owner, context.id, 'q', { action: 'accept', content: { title } });
  await expect(answer(7)).rejects.toMatchObject({ code: 'INVALID', field: 'title' });
  await expect(answer('too long')).rejects.toMatchObject({ code: 'INVALID', field: 'title' });
  await answer('CTO');
  await expect(answer('CEO')).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
  // A start that was only waited through is not counted as a failure.
  expect(await again.ended(owner, id)).toMatchObject({ status: 'completed' });
  expect(answers).toEqual([{ action: 'accept', content: { title: 'CTO' } }]);
});

test('a question past its deadline is put away, and says so to the run', async () => {
  const answers: unknown[] = [];
  const service = await start(async (run) => {
    answers.push(await run.ask({ ...question('q'), deadline: new Date(Date.now() + 20).toISOString() }));
  });
  const { context } = await service.createContext(owner, {});
  const { id } = await service.addPrompt(owner, context.id, { prompt: 'hi' });
  await service.ended(owner, id);
  expect(answers).toEqual([{ action: 'cancel' }]);
  const kept = service.context(owner, context.id).nodes.find((node) => node.id === 'q');
  expect(JSON.parse(kept?.content ?? '')).toMatchObject({ state: 'expired' });
});

test('Stop reaches the run before anything is written, closes what was open, and the run can be taken up again', async () => {
  const seen: string[] = [];
  const service = await start(async (run) => {
    seen.push(`${run.nodes().length} nodes`);
    if (seen.length > 1) return;
    run.say('I begin');
    await run.put({ id: 'call', contentType: 'tool_call', content: card('running') });
    const stopped = untilAborted(run);
    await Promise.race([run.ask(question('q')), stopped]);
  });
  const { context } = await service.createContext(owner, {});
  const { id } = await service.addPrompt(owner, context.id, { prompt: 'hi' });
  await new Promise<void>((resolve) => service.onEvent((event) => event.kind === 'node' && event.node.id === 'q' && resolve()));
  expect(await service.cancel(owner, id)).toMatchObject({ status: 'cancelled' });
  const states = () =>
    service
      .context(owner, context.id)
      .nodes.filter(({ contentType }) => contentType !== 'text')
      .map(({ id: node, content }) => [node, (JSON.parse(content) as { state: string }).state]);
  expect(states()).toEqual([
    ['call', 'interrupted'],
    ['q', 'cancelled'],
  ]);
  await expect(service.answer(owner, context.id, 'q', { action: 'decline' })).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
  await service.retry(owner, id);
  expect(await service.ended(owner, id)).toMatchObject({ status: 'completed', attempts: 2 });
  // The prompt, what it had said and called, without the question, which can be asked again.
  expect(seen).toEqual(['1 nodes', '3 nodes']);
  await expect(service.retry(owner, id)).rejects.toMatchObject({ code: 'INVALID' });
});

test('a run that does not heed Stop, or writes after its end, is left behind', async () => {
  const late: unknown[] = [];
  const { opened, open } = gate();
  const service = await start(
    async (run) => {
      await opened;
      run.say('late');
      await run.put({ id: 'late', contentType: 'text', content: 'late' }).catch((error: unknown) => late.push(error));
    },
    { limits: { graceMs: 10 } },
  );
  const { context } = await service.createContext(owner, {});
  const { id } = await service.addPrompt(owner, context.id, { prompt: 'hi' });
  expect(await service.cancel(owner, id)).toMatchObject({ status: 'cancelled' });
  open();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(late).toMatchObject([{ code: 'STALE' }]);
  expect(service.context(owner, context.id).nodes.map(({ content }) => content)).toEqual(['hi']);
});

test('what is transient is tried again, as the other side asks, and fails after a bound; what is not fails at once', async () => {
  const service = await start(
    async (run) => {
      const prompt = promptOf(run);
      if (prompt === 'never') throw new RunError('MODEL_REFUSED', 'No.');
      if (prompt === 'bug') throw new Error('a secret detail');
      if (prompt === 'always' || service.task(owner, run.id).attempts < 3)
        throw new RunError('MODEL_UNAVAILABLE', 'Busy.', { transient: true, retryAfterMs: 1 });
      run.say('At last.');
    },
    { limits: { firstRetryMs: 1, retryMaxMs: 2, failuresMax: 3 } },
  );
  const ended = async (prompt: string) => {
    const { context } = await service.createContext(owner, {});
    const { id } = await service.addPrompt(owner, context.id, { prompt });
    return service.ended(owner, id);
  };
  expect(await ended('twice')).toMatchObject({ status: 'completed', attempts: 3 });
  expect(await ended('always')).toMatchObject({ status: 'failed', attempts: 4, error: { code: 'MODEL_UNAVAILABLE' } });
  expect(await ended('never')).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'MODEL_REFUSED' } });
  const bug = await ended('bug');
  expect(bug).toMatchObject({ status: 'failed', error: { code: 'INTERNAL' } });
  expect(JSON.stringify(bug)).not.toContain('secret');
  expect(service.stats().types['mcp.add_prompt']).toMatchObject({ completed: 1, failed: 3, retried: 5 });
});

test('a run has its time for work, and as much as it wants for the person', async () => {
  const service = await start(
    async (run) => {
      if (promptOf(run) === 'ask') await run.ask(question('q'));
      else await untilAborted(run);
    },
    { limits: { workMs: 30 } },
  );
  const { context } = await service.createContext(owner, {});
  const slow = await service.addPrompt(owner, context.id, { prompt: 'slow' });
  const asking = await service.addPrompt(owner, context.id, { prompt: 'ask' });
  expect(await service.ended(owner, slow.id)).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } });
  await new Promise((resolve) => setTimeout(resolve, 60));
  await service.answer(owner, context.id, 'q', { action: 'decline' });
  expect(await service.ended(owner, asking.id)).toMatchObject({ status: 'completed' });
});

test('a context that is deleted takes its runs with it, and what its tasks were about', async () => {
  const service = await start(untilAborted);
  const { context } = await service.createContext(owner, {});
  const first = await service.addPrompt(owner, context.id, { prompt: 'secret' });
  const second = await service.addPrompt(owner, context.id, { prompt: 'secret' });
  await service.deleteContext(owner, context.id);
  for (const { id } of [first, second]) expect(await service.ended(owner, id)).toMatchObject({ status: 'cancelled', input: {} });
  expect(() => service.context(owner, context.id)).toThrow(expect.objectContaining({ code: 'CONTEXT_NOT_FOUND' }));
});

test('what an asker sees is its own: tenant, principal and user', async () => {
  const service = await start(async () => {});
  const app = { tenant: 'default', principal: 'app' };
  const { context } = await service.createContext({ ...app, userId: 'ada' }, {});
  const others = [owner, { ...app, userId: 'bo' }, { ...app, tenant: 'other' }, { tenant: 'default', principal: 'app2' }];
  for (const asker of others) {
    expect(service.contexts(asker)).toEqual([]);
    expect(service.tasks(asker)).toEqual([]);
    expect(() => service.context(asker, context.id)).toThrow(expect.objectContaining({ code: 'CONTEXT_NOT_FOUND' }));
    await expect(service.deleteContext(asker, context.id)).rejects.toMatchObject({ code: 'CONTEXT_NOT_FOUND' });
    await expect(service.addPrompt(asker, context.id, { prompt: 'x' })).rejects.toMatchObject({ code: 'CONTEXT_NOT_FOUND' });
  }
  for (const asker of [app, { ...app, userId: 'ada' }]) expect(service.contexts(asker)).toHaveLength(1);
  await service.forgetTenantsBut(['other']);
  expect(service.contexts(app)).toEqual([]);
});

test('contexts are bounded, and expired ones make room', async () => {
  let time = Date.now();
  const service = await start(async () => {}, { now: () => time, limits: { contextsMax: 2, idleMs: 1000 } });
  const first = await service.createContext(owner, {});
  time += 500;
  await service.createContext(owner, {});
  await expect(service.createContext(owner, {})).rejects.toMatchObject({ code: 'TOO_MANY_CONTEXTS' });
  await service.createContext({ ...owner, userId: 'other' }, {});
  time += 600;
  await service.createContext(owner, {});
  expect(() => service.context(owner, first.context.id)).toThrow();
  expect(service.contexts(owner)).toHaveLength(2);
});

test('what waits and what is kept is bounded, and refusals name the field', async () => {
  const service = await start(untilAborted, { limits: { waitingMax: 2, nodeSizeMax: 10, nodesMax: 2, metadataSizeMax: 30 } });
  const { context } = await service.createContext(owner, {});
  const add = (content: string, metadata = {}) => service.addNode(owner, context.id, { content, metadata });
  await expect(add('12345678901')).rejects.toMatchObject({ code: 'TOO_LARGE', field: 'content' });
  await expect(add('1', { big: 'x'.repeat(30) })).rejects.toMatchObject({ code: 'TOO_LARGE', field: 'metadata' });
  await expect(add('1', { task: 'x' })).rejects.toMatchObject({ code: 'INVALID', field: 'metadata.task' });
  await expect(service.createContext(owner, { modelId: 'none' })).rejects.toMatchObject({ field: 'model_id' });
  const { node } = await add('1');
  await add('2');
  await expect(add('3')).rejects.toMatchObject({ code: 'TOO_LARGE' });
  await service.deleteNode(owner, context.id, node.id);
  await expect(service.deleteNode(owner, context.id, node.id)).rejects.toMatchObject({ code: 'NODE_NOT_FOUND' });
  await service.addPrompt(owner, context.id, { prompt: 'one' });
  const second = await service.createContext(owner, {}).then(({ context: { id } }) => id);
  await service.addPrompt(owner, second, { prompt: 'two' });
  await expect(service.addPrompt(owner, second, { prompt: 'three' })).rejects.toMatchObject({ code: 'BUSY' });
});

test('the urgent go first, and the others do not starve', async () => {
  let time = 0;
  started = await startService({ runner: runnerOf(async () => {}) });
  await started.stop();
  const store = new AssistantStore(join(started.folder, 'assistant.db'));
  const agingMs = 1000;
  let number = 0;
  const add = (priority: Priority, contextId = `context ${number}`) => {
    const id = `${priority} ${++number}`;
    store.contexts.add({ id: contextId, owner, title: '', modelId: 'fake/one', metadata: {}, now: time, expires: far.length });
    store.tasks.add(
      { id, type: 'mcp.add_prompt', owner, contextId, priority, input: {}, access: { scopes: [], name: '' }, now: time },
      agingMs,
    );
  };
  const next = () => store.tasks.claimPrompt('worker', time)?.task.id.split(' ')[0];
  add('low');
  add('medium');
  add('high');
  expect([next(), next(), next()]).toEqual(['high', 'medium', 'low']);
  add('low');
  const taken: (string | undefined)[] = [];
  // One that is urgent comes each 100 ms, and one at a time is taken.
  for (; time < 4000; time += 100) {
    add('high');
    taken.push(next());
  }
  expect(taken.indexOf('low')).toBe(20);
  store.close();
});

test('the worker of another process can end nothing that was taken from it', async () => {
  const { opened, open } = gate();
  const first = await start(async (run) => {
    await opened;
    run.say('stale');
  });
  const { context } = await first.createContext(owner, {});
  const begun = new Promise<void>((resolve) => first.onEvent((event) => event.kind === 'node' && resolve()));
  const { id } = await first.addPrompt(owner, context.id, { prompt: 'hi' });
  await begun;
  // Where the lock of the data folder holds, nobody can; here one does.
  const second = await startService({ runner: runnerOf(async (run) => run.say('fresh')), folder: started?.folder ?? '' });
  expect(await second.service.ended(owner, id)).toMatchObject({ status: 'completed', attempts: 2 });
  open();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { nodes, tasks } = second.service.context(owner, context.id);
  expect(nodes.map(({ content }) => content)).toEqual(['hi', 'fresh']);
  expect(tasks.find((task) => task.id === id)).toMatchObject({ output: { completion: 'fresh' } });
  await second.stop();
});

test('a key makes a repeated request the first one, and refuses another', async () => {
  const service = await start(async (run) => run.say('hi'));
  const input = { metadata: { a: 1 }, idempotencyKey: 'k' };
  const [first, second] = await Promise.all([service.createContext(owner, input), service.createContext(owner, input)]);
  expect(second.context.id).toBe(first.context.id);
  const prompt = { prompt: 'hi', idempotencyKey: 'p' };
  const tasks = [
    await service.addPrompt(owner, first.context.id, prompt),
    await service.addPrompt(owner, first.context.id, prompt),
  ];
  expect(tasks[0]?.id).toBe(tasks[1]?.id);
  await expect(service.addPrompt(owner, first.context.id, { ...prompt, prompt: 'ho' })).rejects.toMatchObject({
    code: 'KEY_REUSED',
  });
  const others = { tenant: 'default', principal: 'app' };
  await expect(service.addPrompt(others, first.context.id, prompt)).rejects.toMatchObject({ code: 'CONTEXT_NOT_FOUND' });
});

test('a run of an application whose access has ended is not begun', async () => {
  const service = await start(async () => {}, { isAllowed: () => false });
  const { context } = await service.createContext(owner, {});
  const { id } = await service.addPrompt(owner, context.id, { prompt: 'hi' });
  expect(await service.ended(owner, id)).toMatchObject({ status: 'failed', error: { code: 'ACCESS_ENDED' } });
});

test('search finds titles and texts of the owner, as they are written', async () => {
  const service = await start(async () => {});
  const { context } = await service.createContext(owner, { title: '100% sure', nodes: [{ content: 'about Ada' }] });
  await service.createContext(owner, { title: '1000 sure' });
  const found = (search: string) => service.contexts(owner, { search }).map(({ id }) => id);
  expect(found('100%')).toEqual([context.id]);
  expect(found('ada')).toEqual([context.id]);
  expect(found('sure')).toHaveLength(2);
});

test('a damaged or newer database is refused, and left as it is', async () => {
  const { folder } = (started = await startService({ runner: runnerOf(async () => {}) }));
  await started.stop();
  const db = new Database(join(folder, 'assistant.db'));
  db.pragma('user_version = 999');
  db.close();
  await expect(startService({ runner: runnerOf(async () => {}), folder })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
