/**
 * The window at 1,000 and 100,000 people: from starting the process until the window can be used, and what the list then
 * costs: jumping to its end, wheeling through it, and searching. The built app in a browser that already runs, with a new
 * data folder's caches cold; each figure is of several starts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { fill, launchBrowser, startTandem } from './host.ts';
import { heading, print, row, summarise } from './measure.ts';

const starts = Number(process.env['BENCH_ROUNDS'] ?? 10);
const searches = ['ada', 'mar', 'son', 'engineer', 'zzz'];
const wheelSteps = 120;

const labels = {
  host: 'process started → host ready',
  usable: 'process started → first people on screen',
  end: 'End key → last person on screen',
  search: 'typed a search → its answer on screen',
};
type Times = Record<keyof typeof labels, number[]>;

const browser = await launchBrowser();
try {
  for (const people of [1000, 100_000]) {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
    const data = join(folder, 'data');
    await fill(data, people);
    const results: Times = { host: [], usable: [], end: [], search: [] };
    const frames: number[] = [];
    for (let turn = 0; turn < starts; turn++) await start(browser, data, people, results, frames);
    rmSync(folder, { recursive: true });

    heading(`The window, ${people.toLocaleString('en')} people, ${starts} starts`);
    for (const name of Object.keys(labels) as (keyof Times)[]) row(labels[name], summarise(results[name]));
    row('frames while wheeling through the list', summarise(frames));
    const long = frames.filter((ms) => ms > 50).length;
    print(`  frames over 50 ms: ${long} of ${frames.length}; the longest ${Math.max(...frames).toFixed(0)} ms`);
  }
} finally {
  await browser.close();
}

async function start(inside: Browser, data: string, people: number, results: Times, frames: number[]): Promise<void> {
  const started = performance.now();
  const tandem = await startTandem(data);
  const context = await inside.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    results.host.push(performance.now() - started);
    const page = await context.newPage();
    await page.goto(tandem.ready.window);
    await page.locator('[role=row][aria-rowindex="2"] .sub').waitFor();
    results.usable.push(performance.now() - started);

    await page.locator('[role=row][aria-rowindex="2"]').focus();
    results.end.push(
      await timed(async () => {
        await page.keyboard.press('End');
        await page.locator(`[role=row][aria-rowindex="${people + 1}"] .sub`).waitFor();
      }),
    );
    await page.keyboard.press('Home');
    frames.push(...(await wheel(page)));

    const search = page.getByRole('textbox', { name: 'Search people' });
    for (const text of searches)
      results.search.push(
        await timed(async () => {
          const answer = page.waitForResponse((response) => response.url().includes(encodeURIComponent(`"search":"${text}"`)));
          await search.fill(text);
          await answer;
          await page.getByText(/found$/).waitFor();
        }),
      );
  } finally {
    await context.close();
    await tandem.close();
  }
}

async function timed(act: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

/** Turns the wheel over the list. @returns how long each frame took. */
async function wheel(page: Page): Promise<number[]> {
  await page.locator('[role=row][aria-rowindex="2"]').hover();
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
  for (let step = 0; step < wheelSteps / 2; step++) await page.mouse.wheel(0, 900);
  return frames;
}
