/**
 * The contexts service: durable tasks through the worker; what the service adds to the time until a model's first token is with
 * the client; lists and contexts of many conversations. All in one process, over the service itself and over its REST door.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { promptOf, runnerOf, startService, type TestService } from '../src/assistant/contexts/test-service.ts';
import { readEvents, startContexts } from '../test/contexts-host.ts';
import { heading, measure, print, row, summarise } from './measure.ts';

const tasks = Number(process.env['BENCH_TASKS'] ?? 2000);
const prompts = Number(process.env['BENCH_PROMPTS'] ?? 300);
const conversations = 200;
const nodesEach = 500;
const owner = { tenant: 'default', userId: 'bench' };
const app = { tenant: 'default', principal: 'bench', userId: '' };
const limits = { waitingMax: 100_000, contextsMax: 10_000, runsMax: 16 };

await bareCommit();
await throughput();
await firstToken();
await manyConversations();

/** What the disk takes: one row, one durable commit, one at a time. Nothing durable is faster. */
async function bareCommit(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const db = new Database(join(folder, 'bare.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('create table bare (content text)');
  const insert = db.prepare('insert into bare values (?)');
  heading('SQLite alone');
  row(
    'a durable commit of one row',
    await measure({ workers: 1, perWorker: 1000 }, async () => insert.run('A node of a few words, as callers send them.')),
  );
  db.close();
  rmSync(folder, { recursive: true });
}

/** Operations that are acknowledged when they are on disk, and prompts of a model that answers at once. */
async function throughput(): Promise<void> {
  heading('Durable tasks through the worker');
  await within(await startService({ runner: runnerOf(async (run) => run.say('ok')), limits }), async ({ service }) => {
    for (const workers of [1, 16, 64]) {
      const ids = await Promise.all(
        Array.from({ length: workers }, async () => (await service.createContext(owner, {})).context.id),
      );
      const perWorker = Math.ceil(tasks / workers);
      // A context takes 2000 nodes.
      const add = await measure({ workers, perWorker: Math.min(perWorker, 1900) }, async (worker) =>
        service.addNode(owner, ids[worker] ?? '', { content: 'A node of a few words, as callers send them.' }),
      );
      row(`mcp.add_node, ${workers} at once`, add);
      const ask = await measure({ workers, perWorker: Math.min(Math.ceil(perWorker / 4), 45) }, async (worker) => {
        const { id } = await service.addPrompt(owner, ids[worker] ?? '', { prompt: 'hi' });
        await service.ended(owner, id);
      });
      row(`mcp.add_prompt, from the call to the end, ${workers} at once`, ask);
    }
  });
}

/**
 * Until the first token: asked of a model's server directly, and through the REST door as a stream. The model's server sends its
 * first token at once, so all that is between is the service. In turns, so that the machine's mood meets both alike.
 */
async function firstToken(): Promise<void> {
  const model = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('data: {"token":"Hello"}\n\n');
  });
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(model.address() as AddressInfo).port}/`;
  const askModel = async (prompt: string) => {
    const response = await fetch(url, { method: 'POST', body: prompt });
    return (await response.text()).length;
  };
  const runner = runnerOf(async (run) => {
    await askModel(promptOf(run));
    run.say('Hello');
  });
  await within(await startContexts({ runner, limits }), async ({ root, service }) => {
    const direct: number[] = [];
    const through: number[] = [];
    for (let turn = 0; turn < prompts; turn++) {
      const { context } = await service.createContext(app, {});
      const begun = performance.now();
      await askModel('hi');
      direct.push(performance.now() - begun);
      const asked = performance.now();
      const body = { prompt: 'hi', stream: true };
      const url = `${root}/contexts/${context.id}/prompt`;
      await readEvents(url, { token: 'bench', body }, ({ event, data }) => {
        // Text that came before the stream did is in its node.
        if (event !== 'delta' && !(event === 'node' && data.node.content !== '')) return false;
        through.push(performance.now() - asked);
        return true;
      });
    }
    heading('Until the first token, one at a time');
    row('the model’s server, directly', summarise(direct));
    row('through POST /contexts/ID/prompt, stream: true', summarise(through));
    const added = summarise(through.map((time, index) => time - (direct[index] ?? 0)));
    print(`the service adds p50 ${added.p50.toFixed(2)} ms, p95 ${added.p95.toFixed(2)} ms (aim: < 15 ms)`);
  });
  model.close();
}

/** 200 contexts of 500 nodes: the list, a search through all texts, and opening them one after the other. */
async function manyConversations(): Promise<void> {
  await within(await startService({ runner: runnerOf(async () => {}), limits }), async ({ service }) => {
    const words = 'Somebody asks for the people of a department, and the agent answers with a table of ten rows.';
    const ids = await Promise.all(
      Array.from({ length: conversations }, async (_, number) => {
        const nodes = Array.from({ length: nodesEach }, (_node, index) => ({ content: `${number}.${index} ${words}` }));
        return (await service.createContext(owner, { title: `Conversation ${number}`, nodes })).context.id;
      }),
    );
    heading(`${conversations} contexts of ${nodesEach} nodes`);
    const one = { workers: 1, perWorker: conversations };
    row('list all', await measure(one, async () => service.contexts(owner, { limit: 500 })));
    row(
      'search all texts, one is found',
      await measure({ workers: 1, perWorker: 20 }, async () => service.contexts(owner, { search: '199.499' })),
    );
    row('open one', await measure(one, async (_worker, turn) => service.context(owner, ids[turn] ?? '')));
  });
}

async function within<S extends TestService>(started: S, work: (started: S) => Promise<void>): Promise<void> {
  try {
    await work(started);
  } finally {
    await started.close();
  }
}
