/**
 * From an agent's acknowledged write to what the person sees: the conflict banner when both changed the same field, and the
 * field itself where there is no draft. The window is the built one in a browser; the agent is the SDK's client in this
 * process, with an access key. Both clocks are the system's, in milliseconds. "Shown" is after the frame that paints it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import type { Page } from '@playwright/test';
import { accessKey, connect, fill, launchBrowser, startTandem } from './host.ts';
import { heading, print, row, summarise } from './measure.ts';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 100);
const warmUpRounds = 5;
const aimMs = 100;

type Json = Record<string, unknown>;

for (const people of [1000, 100_000]) await measureBanner(people);

async function measureBanner(people: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const data = join(folder, 'data');
  const [id = ''] = await fill(data, people);
  const tandem = await startTandem(data);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(tandem.ready.window);
    const agent = await connect(tandem.ready.mcp, '2026-07-28', { authorization: `Bearer ${await accessKey(data)}` });
    await write(agent, id, { displayName: 'Quentin Xylophone' });
    await openPerson(page, 'Quentin Xylophone');

    const banner = await measureRounds(agent, id, page, {
      before: (round) => page.getByLabel('Job title').fill(`Mine ${round}`),
      selector: '.banner',
      shown: () => '',
      after: () => page.getByRole('button', { name: 'Take theirs' }).click(),
    });
    const field = await measureRounds(agent, id, page, {
      before: () => Promise.resolve(),
      selector: `[id="${await page.getByLabel('Job title').getAttribute('id')}"]`,
      shown: (title) => title,
      after: () => Promise.resolve(),
    });

    heading(`From an agent's write to the screen, ${people.toLocaleString('en')} people`);
    row('conflict banner, after the acknowledgement', summarise(banner.afterAcknowledgement));
    row('conflict banner, after the call was sent', summarise(banner.afterCall));
    row('field without a draft, after the acknowledgement', summarise(field.afterAcknowledgement));
    const { p95 } = summarise(banner.afterAcknowledgement);
    print(`  p95 of the banner: ${p95.toFixed(0)} ms (aim: under ${aimMs} ms)`);
    await agent.close();
  } finally {
    await browser.close();
    await tandem.close();
    rmSync(folder, { recursive: true });
  }
}

interface Scene {
  before: (round: number) => Promise<void>;
  /** What must be there, and, where not empty, the value that it must have. */
  selector: string;
  shown: (title: string) => string;
  after: () => Promise<void>;
}

async function measureRounds(agent: Client, id: string, page: Page, scene: Scene) {
  const afterCall: number[] = [];
  const afterAcknowledgement: number[] = [];
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    await scene.before(round);
    const title = `Theirs ${crypto.randomUUID()}`;
    const shown = shownAt(page, scene.selector, scene.shown(title));
    const { called, acknowledged } = await write(agent, id, { title });
    const at = await shown;
    if (round >= warmUpRounds) {
      afterCall.push(at - called);
      afterAcknowledgement.push(at - acknowledged);
    }
    await scene.after();
  }
  return { afterCall, afterAcknowledgement };
}

/** Watches the page from now on. @returns when the element was painted, in milliseconds of the system's clock. */
function shownAt(page: Page, selector: string, value: string): Promise<number> {
  return page.evaluate(
    ([wanted, text]) =>
      new Promise<number>((resolve) => {
        const look = () => {
          const found = document.querySelector<HTMLInputElement>(wanted);
          if (!found || (text !== '' && found.value !== text)) return requestAnimationFrame(look);
          // A message that is sent before a paint is read after it.
          const { port1, port2 } = new MessageChannel();
          port1.addEventListener('message', () => resolve(Date.now()), { once: true });
          port1.start();
          return port2.postMessage('');
        };
        requestAnimationFrame(look);
      }),
    [selector, value] as const,
  );
}

async function openPerson(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Search people' }).fill(name);
  await page.getByText('1 person found').waitFor();
  await page.locator('[role=row][aria-rowindex="2"]').click();
  await page.getByLabel('Job title').waitFor();
}

/** Reads the person and writes it back with what changed. @returns when the write was sent and when it was acknowledged. */
async function write(agent: Client, id: string, fields: Json): Promise<{ called: number; acknowledged: number }> {
  const { structuredContent } = await agent.callTool({ name: 'scim_get_user', arguments: { user_id: id } });
  const { _version, ...record } = (structuredContent as { content: Json }).content;
  const called = Date.now();
  const result = await agent.callTool({
    name: 'scim_update_user',
    arguments: { user_id: id, user_data: { ...record, ...fields }, expected_version: _version },
  });
  const acknowledged = Date.now();
  if (result.isError) throw new Error(`the write was refused: ${JSON.stringify(result.structuredContent)}`);
  return { called, acknowledged };
}
