/**
 * A process that runs the contexts service on the folder that it is given, does what its parent sends it, says how far its runs
 * are, and never ends by itself (see contexts-killed.test.ts).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promptOf, runnerOf, startService } from '../src/assistant/contexts/test-service.ts';
import type { Run } from '../src/assistant/run.ts';

/** What the parent can have done; the answer is what it returns. */
export type Order =
  | { do: 'prompt'; context: string; prompt: string }
  | { do: 'context' }
  | { do: 'node'; context: string; content: string }
  | { do: 'draft'; context: string; draft: Record<string, unknown> }
  | { do: 'cancel'; task: string };
export type Told = { at: string; run: string } | { done: string };

const owner = { tenant: 'default', userId: 'administrator' };
/** As in the test. */
const failuresMax = 1;
const forever = new Promise<never>(() => {});
const tell = (told: Told) => process.send?.(told);

async function work(run: Run): Promise<void> {
  const prompt = promptOf(run);
  run.say(`begun ${prompt}`);
  if (prompt === 'tool') {
    const call = { id: 'call', server: 'tandem', tool: 'scim_update_user', arguments: {}, state: 'running', attempts: 1 };
    await run.put({ id: 'call', contentType: 'tool_call', content: JSON.stringify(call) });
  }
  if (prompt === 'ask') {
    const deadline = new Date(Date.now() + 3_600_000).toISOString();
    void run.ask({ id: 'q', kind: 'form', from: 'agent', message: 'Which title?', schema: { type: 'object' }, deadline });
    while (!run.nodes().some(({ id }) => id === 'q')) await nextTurn();
  }
  tell({ at: prompt, run: run.id });
  // Neither ends nor heeds Stop.
  await forever;
}

const { service } = await startService({
  runner: runnerOf(work),
  folder: process.argv[2] ?? '',
  limits: { runsMax: 2, textFlushMs: 1, graceMs: 3_600_000, failuresMax },
});

async function follow(order: Order): Promise<string> {
  if (order.do === 'context') return (await service.createContext(owner, {})).context.id;
  if (order.do === 'prompt') return (await service.addPrompt(owner, order.context, { prompt: order.prompt })).id;
  if (order.do === 'node') return (await service.addNode(owner, order.context, { content: order.content })).node.id;
  if (order.do === 'draft') {
    await service.keepDraft(owner, order.context, 'q', order.draft);
    return '';
  }
  // Does not end; that it is to end is on disk soon.
  void service.cancel(owner, order.task);
  await service.addNode(owner, service.task(owner, order.task).contextId ?? '', { content: 'after' });
  return '';
}

process.on('message', (order: Order) => void follow(order).then((done) => tell({ done })));
