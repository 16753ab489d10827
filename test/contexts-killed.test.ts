import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runnerOf, startService, type TestService } from '../src/assistant/contexts/test-service.ts';
import type { Answer } from '../src/assistant/context.ts';
import type { Run } from '../src/assistant/run.ts';
import { askHost } from '../src/main/control.ts';
import type { Order, Told } from './contexts-killed-host.ts';
import { everything, openSound, serve } from './killed-host.ts';
import { caller } from './scim-host.ts';

const owner = { tenant: 'default', userId: 'administrator' };
const failuresMax = 1;
let folder: string;
let started: TestService | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-killed-'));
});
afterEach(async () => {
  await started?.stop();
  started = undefined;
  rmSync(folder, { recursive: true });
});

/** A service in a process of its own, which ends only by SIGKILL. */
function startKilled() {
  const child = fork(join(import.meta.dirname, 'contexts-killed-host.ts'), [folder], { stdio: 'inherit' });
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  child.on('message', (message: Told) => {
    told.push(message);
    for (const look of waiting) look();
  });
  const heard = <T extends Told>(matches: (message: Told) => message is T): Promise<T> =>
    new Promise((resolve) => {
      const look = () => {
        const index = told.findIndex(matches);
        if (index < 0) return;
        waiting.delete(look);
        resolve(told.splice(index, 1)[0] as T);
      };
      waiting.add(look);
      look();
    });
  return {
    /** @returns what the order has made, once that is acknowledged. */
    async order(order: Order): Promise<string> {
      child.send(order);
      return (await heard((message) => 'done' in message)).done;
    },
    /** Sends without waiting. */
    send: (order: Order) => child.send(order),
    /** How many were acknowledged, and what they made. */
    acknowledged: () => told.flatMap((message) => ('done' in message ? message.done : [])),
    at: (prompt: string) =>
      heard((message): message is Extract<Told, { at: string }> => 'at' in message && message.at === prompt),
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
    },
  };
}

/** Starts the service on what the killed one has left, whose runs now come to their ends. */
async function restart(work: (run: Run) => Promise<void> = async (run) => run.say('ended')) {
  const db = new Database(join(folder, 'assistant.db'));
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  const wrong = db.prepare(`
    select id from contexts c where node_count <> (select count(*) from nodes where context_id = c.id)
      or size <> (select coalesce(sum(length(content)), 0) from nodes where context_id = c.id)`);
  expect(wrong.all()).toEqual([]);
  db.close();
  started = await startService({ runner: runnerOf(work), folder, limits: { failuresMax } });
  return started.service;
}

test('killed with prompts scheduled and in a model call: all of them end, in their order, none twice', async () => {
  const host = startKilled();
  const [first, second] = [await host.order({ do: 'context' }), await host.order({ do: 'context' })];
  const running = await host.order({ do: 'prompt', context: first, prompt: 'model' });
  await host.at('model');
  const behind = await host.order({ do: 'prompt', context: first, prompt: 'behind' });
  const other = await host.order({ do: 'prompt', context: second, prompt: 'other' });
  await host.at('other');
  await host.kill();
  const service = await restart();
  for (const [id, attempts] of [
    [running, 2],
    [behind, 1],
    [other, 2],
  ] as const)
    expect(await service.ended(owner, id)).toMatchObject({ status: 'completed', attempts });
  const texts = service.context(owner, first).nodes.map(({ content }) => content);
  // What the first attempt had said is there as far as it was on disk.
  expect(texts.filter((text) => !text.startsWith('begun'))).toEqual(['model', 'ended', 'behind', 'ended']);
}, 60_000);

test('killed in a tool call: the next attempt sees that it was interrupted', async () => {
  const host = startKilled();
  const context = await host.order({ do: 'context' });
  const task = await host.order({ do: 'prompt', context, prompt: 'tool' });
  await host.at('tool');
  await host.kill();
  const seen: unknown[] = [];
  const service = await restart(async (run) => {
    for (const { contentType, content, metadata } of run.nodes())
      if (contentType === 'tool_call' && metadata.task === run.id) seen.push(JSON.parse(content));
  });
  expect(await service.ended(owner, task)).toMatchObject({ status: 'completed', attempts: 2 });
  expect(seen).toMatchObject([{ tool: 'scim_update_user', state: 'interrupted' }]);
}, 60_000);

test('killed while a question waits, again and again: it waits on with its draft, and its answer is heard', async () => {
  let host = startKilled();
  const context = await host.order({ do: 'context' });
  const task = await host.order({ do: 'prompt', context, prompt: 'ask' });
  await host.at('ask');
  await host.order({ do: 'draft', context, draft: { title: 'C' } });
  for (let kills = 0; kills < 2; kills++) {
    await host.kill();
    host = startKilled();
    await host.at('ask');
  }
  await host.kill();
  const answers: Answer[] = [];
  const service = await restart(async (run) => {
    const deadline = new Date(Date.now() + 3_600_000).toISOString();
    answers.push(await run.ask({ id: 'q', kind: 'form', from: 'agent', message: 'Which title?', deadline }));
  });
  const questions = service.context(owner, context).nodes.filter(({ contentType }) => contentType === 'question');
  expect(questions.map(({ content }) => JSON.parse(content))).toMatchObject([{ state: 'pending', draft: { title: 'C' } }]);
  await service.answer(owner, context, 'q', { action: 'accept', content: { title: 'CTO' } });
  expect(await service.ended(owner, task)).toMatchObject({ status: 'completed' });
  expect(answers).toEqual([{ action: 'accept', content: { title: 'CTO' } }]);
}, 60_000);

test('killed after Stop: the run is not taken up again', async () => {
  const host = startKilled();
  const context = await host.order({ do: 'context' });
  const task = await host.order({ do: 'prompt', context, prompt: 'model' });
  await host.at('model');
  await host.order({ do: 'cancel', task });
  await host.kill();
  let runs = 0;
  const service = await restart(async () => void runs++);
  expect(await service.ended(owner, task)).toMatchObject({ status: 'cancelled' });
  expect(runs).toBe(0);
}, 60_000);

test('a run in the middle of which Tandem ends again and again has failed in the end', async () => {
  let host = startKilled();
  const context = await host.order({ do: 'context' });
  const task = await host.order({ do: 'prompt', context, prompt: 'model' });
  await host.at('model');
  await host.kill();
  host = startKilled();
  await host.at('model');
  await host.kill();
  const service = await restart();
  expect(service.task(owner, task)).toMatchObject({ status: 'failed', attempts: 2, error: { code: 'INTERRUPTED' } });
}, 60_000);

test('killed in the middle of many operations: each that was acknowledged is done, once', async () => {
  const host = startKilled();
  const context = await host.order({ do: 'context' });
  for (let number = 0; number < 200; number++) host.send({ do: 'node', context, content: `node ${number}` });
  for (let acknowledged = 0; acknowledged < 20; acknowledged++) await host.order({ do: 'node', context, content: 'more' });
  const made = host.acknowledged();
  await host.kill();
  const service = await restart();
  const tasks = service.tasks(owner, { contextId: context, type: 'mcp.add_node', limit: 500 });
  for (const { id } of tasks) expect(await service.ended(owner, id)).toMatchObject({ status: 'completed' });
  const nodes = service.context(owner, context).nodes.map(({ id }) => id);
  expect(new Set(nodes).size).toBe(nodes.length);
  expect(nodes).toEqual(expect.arrayContaining(made));
  expect(nodes).toHaveLength(tasks.length);
}, 60_000);

test('a whole host that is killed right after it has taken a prompt, or a moment later, does it once', async () => {
  let host = await serve(folder);
  const request = { tenant: 'default', scopes: ['scim:read' as const, 'scim:write' as const], name: 'Test' };
  const { key } = await askHost(folder, 'access-key', request);
  const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    caller(new URL('/api/v1/mcp', host.scim).href, key)(method, path, body, {
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    });
  const context = (await call('POST', '/contexts', {})).body.context_id;
  const names = ['grace', 'ada'];
  for (const [index, name] of names.entries()) {
    const prompt = { prompt: `Create ${name} tester, ${name}@example.com` };
    const headers = { prefer: 'respond-async', 'idempotency-key': name };
    const taken = await call('POST', `/contexts/${context}/prompt`, prompt, headers);
    expect(taken.status).toBe(202);
    await sleep(index * 30);
    await host.kill();
    host = await serve(folder);
    // The same request again is the same task, and waits for its end.
    const again = await call('POST', `/contexts/${context}/prompt`, prompt, { 'idempotency-key': name });
    expect(again).toMatchObject({ status: 200, body: { task: { id: taken.body.task.id } } });
  }
  await host.kill();
  const directory = await openSound(folder);
  const people = [...(await everything(directory, 'User')).values()].map(({ resource }) => resource['userName']);
  expect(people).toHaveLength(names.length);
  expect(new Set(people)).toEqual(new Set(names.map((name) => `${name}@example.com`)));
  await directory.close();
}, 120_000);
