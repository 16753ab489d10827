/**
 * The assistant's pane with 200 conversations of 500 nodes: until the list of them is on screen, what opening each costs until
 * its end is painted, and what wheeling through a long one costs. The built app in a browser that already runs; nodes are
 * requests, answers with markup, and calls of tools, as a directory's agent makes them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { ContextNode, ToolCall } from '../src/assistant/index.ts';
import { AssistantStore } from '../src/assistant/store/assistant-store.ts';
import { fill, launchBrowser, startTandem } from './host.ts';
import { heading, print, row, summarise } from './measure.ts';

const contexts = 200;
const nodes = 500;
const scrolled = 10;
const wheelSteps = 90;

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
const data = join(folder, 'data');
await fill(data, 100);
await fillContexts(join(data, 'assistant.db'));
const tandem = await startTandem(data);
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(tandem.ready.window);
  await page.getByRole('log').locator('.conversation-row').last().waitFor();

  const listed: number[] = [];
  const opened: number[] = [];
  const frames: number[] = [];
  for (let index = 0; index < contexts; index++) {
    listed.push(await timed(() => list(page)));
    opened.push(await timed(() => open(page, index)));
    if (index % (contexts / scrolled) === 0) frames.push(...(await wheel(page)));
  }
  heading(`The assistant's pane, ${contexts} conversations of ${nodes} nodes`);
  row('Alt 3 → all conversations on screen', summarise(listed));
  row('click → the end of a conversation painted', summarise(opened));
  row('frames while wheeling up through one', summarise(frames));
  const long = frames.filter((ms) => ms > 50).length;
  print(`  frames over 50 ms: ${long} of ${frames.length}; the longest ${Math.max(...frames).toFixed(0)} ms`);
  const bytes = await page.evaluate(
    () => (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0,
  );
  print(`  memory of the page's scripts afterwards: ${(bytes / 1_000_000).toFixed(0)} MB`);
} finally {
  await browser.close();
  await tandem.close();
  rmSync(folder, { recursive: true });
}

async function list(page: Page): Promise<void> {
  await page.keyboard.press('Alt+3');
  await page
    .locator('.conversation-item')
    .nth(contexts - 1)
    .waitFor({ state: 'attached' });
  await painted(page);
}

async function open(page: Page, index: number): Promise<void> {
  await page
    .locator('.conversation-open', { hasText: `Conversation ${index} about` })
    .evaluate((button: HTMLElement) => button.click());
  await page.getByRole('log').getByText(`The end of ${index}.`).waitFor();
  await painted(page);
}

async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        // A message that is sent before a paint is read after it.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.addEventListener('message', () => resolve(), { once: true });
          port1.start();
          port2.postMessage('');
        });
      }),
  );
}

async function timed(act: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

/** Turns the wheel up through the conversation that is open. @returns how long each frame took. */
async function wheel(page: Page): Promise<number[]> {
  await page.getByRole('log').hover();
  const frames = page.evaluate(
    (count) =>
      new Promise<number[]>((resolve) => {
        const lengths: number[] = [];
        let last = performance.now();
        const next = () => {
          const now = performance.now();
          lengths.push(now - last);
          last = now;
          if (lengths.length < count) requestAnimationFrame(next);
          else resolve(lengths);
        };
        requestAnimationFrame(next);
      }),
    wheelSteps,
  );
  for (let step = 0; step < wheelSteps / 2; step++) await page.mouse.wheel(0, -900);
  return frames;
}

async function fillContexts(path: string): Promise<void> {
  const store = new AssistantStore(path);
  const owner = { tenant: 'default', userId: 'administrator' };
  const now = Date.now();
  const day = 86_400_000;
  for (let index = 0; index < contexts; index++) {
    const id = crypto.randomUUID();
    const title = `Conversation ${index} about people in Sales`;
    await store.write(() => {
      store.contexts.add({ id, owner, title, modelId: 'offline-rules', metadata: {}, now: now - index, expires: now + day });
      for (let number = 0; number < nodes; number++) {
        const last = number === nodes - 1;
        store.nodes.put(nodeOf(id, number, last ? `The end of ${index}.` : undefined), store.nodes.nextChange());
      }
    });
  }
  store.close();
}

function nodeOf(contextId: string, number: number, end: string | undefined): ContextNode {
  const created = new Date().toISOString();
  const common = { id: crypto.randomUUID(), contextId, created };
  const task = { task: crypto.randomUUID() };
  if (number % 3 === 0 && end === undefined)
    return { ...common, contentType: 'text', content: `Find everyone in Sales ${number}`, metadata: { role: 'user' } };
  if (number % 3 === 1 && end === undefined) {
    const call: ToolCall = {
      id: common.id,
      server: 'tandem',
      tool: 'scim_search_users',
      arguments: { filter: 'department eq "Sales"' },
      state: 'succeeded',
      result: { success: true, content: { totalResults: 19 }, metadata: {} },
      attempts: 1,
      durationMs: 12,
    };
    return { ...common, contentType: 'tool_call', content: JSON.stringify(call), metadata: { role: 'assistant', ...task } };
  }
  const content =
    end ??
    `### Sales\n\nThere are **19** people, among them:\n\n| Name | Title |\n|---|---|\n| Ada ${number} | Engineer |\n| Bo | Lead |\n\n- one\n- two with \`code\``;
  return { ...common, contentType: 'text', content, metadata: { role: 'assistant', ...task } };
}
