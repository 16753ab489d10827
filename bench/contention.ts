/**
 * Sixteen agents that update one person at the same time over MCP, ten times each, thinking for 100 ms: how they fare when who
 * was refused takes the slot that the server gives, beside a lock, trying again at once, full jitter, and clients that send
 * their old record with the new version. Short rounds of each take turns; what is compared is the median of the rounds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contend, waits, type CallTool, type ContentionResult, type Wait } from '../src/scenarios/contend.ts';
import { accessKey, connect, fill, startTandem } from './host.ts';
import { heading, median, print } from './measure.ts';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const writers = 16;
const updates = 10;
const thinkMs = 100;

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
const data = join(folder, 'data');
const [userId = ''] = await fill(data, 100);
const tandem = await startTandem(data);
try {
  const clients = async (): Promise<CallTool[]> =>
    Promise.all(
      Array.from({ length: writers }, async (): Promise<CallTool> => {
        const client = await connect(tandem.ready.mcp, '2026-07-28', { authorization: `Bearer ${await accessKey(data)}` });
        return async (name, args) => (await client.callTool({ name, arguments: args })).structuredContent as never;
      }),
    );
  // Each way has agents of its own, since retries are counted for each agent.
  const callersOf = new Map<Wait, CallTool[]>();
  for (const wait of waits) callersOf.set(wait, await clients());
  const results = new Map<Wait, Figures[]>(waits.map((wait) => [wait, []]));
  for (let round = 0; round <= rounds; round++)
    for (const wait of waits) {
      const attemptsMax = wait === 'blind' ? 5 : 40;
      // The lock takes 17 seconds a round, and varies least.
      if (wait === 'lock' && round > 1) continue;
      const result = await contend({ callers: callersOf.get(wait) ?? [], userId, updates, thinkMs, attemptsMax, wait });
      if (round > 0) results.get(wait)?.push(figuresOf(result));
    }
  const paced = await contend({ callers: callersOf.get('paced') ?? [], userId, updates, thinkMs, attemptsMax: 5, wait: 'paced' });

  heading(`${writers} writers on one person, ${updates} updates each, ${thinkMs} ms of thought: the median of ${rounds} rounds`);
  print('  wait     retries/update  calls/update  goodput/s   p99 ms  fairness   lost');
  for (const [wait, all] of results) {
    const of = (name: keyof Figures) => median(all.map((figures) => figures[name]));
    const cells = [
      of('retries').toFixed(2).padStart(15),
      of('calls').toFixed(1).padStart(13),
      of('goodput').toFixed(1).padStart(10),
    ];
    const lost = all.reduce((sum, figures) => sum + figures.lost, 0);
    print(
      `  ${wait.padEnd(7)}${cells.join(' ')} ${of('p99').toFixed(0).padStart(8)} ${of('fairness').toFixed(3).padStart(9)} ${lost.toString().padStart(6)}`,
    );
  }
  const of = (wait: Wait, name: keyof Figures) => median((results.get(wait) ?? []).map((figures) => figures[name]));
  print(`  goodput, paced ÷ lock: ${(of('paced', 'goodput') / of('lock', 'goodput')).toFixed(1)} (aim: at least 10)`);
  print(`  goodput, paced ÷ jitter: ${(of('paced', 'goodput') / of('jitter', 'goodput')).toFixed(2)} (aim: at least 1.25)`);
  print(`  p99, paced ÷ jitter: ${(of('paced', 'p99') / of('jitter', 'p99')).toFixed(2)} (aim: at most 0.5)`);
  print(
    `  retries per update, paced: ${of('paced', 'retries').toFixed(2)} (aim: at most 1.2); fairness (Jain): ${of('paced', 'fairness').toFixed(3)} (aim: at least 0.99)`,
  );
  print(`  gave up within 5 attempts, paced: ${paced.updates.filter(({ written }) => !written).length} (aim: 0)`);
} finally {
  await tandem.close();
  rmSync(folder, { recursive: true });
}

interface Figures {
  retries: number;
  calls: number;
  goodput: number;
  p99: number;
  fairness: number;
  lost: number;
}

function figuresOf({ updates: made, ms, lost }: ContentionResult): Figures {
  const written = made.filter((update) => update.written);
  const total = (name: 'retries' | 'calls') => made.reduce((sum, update) => sum + update[name], 0) / Math.max(written.length, 1);
  const times = written.map((update) => update.ms).toSorted((a, b) => a - b);
  return {
    retries: total('retries'),
    calls: total('calls'),
    goodput: (written.length * 1000) / ms,
    p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
    fairness: jain(writersOf(made)),
    lost,
  };
}

/** Updates per second of each writer's own time. */
function writersOf(made: ContentionResult['updates']): number[] {
  const times = new Map<number, number>();
  for (const { writer, ms } of made) times.set(writer, (times.get(writer) ?? 0) + ms);
  return [...times.values()].map((ms) => 1 / ms);
}

/** Jain's fairness index: 1 where all have the same. */
function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0));
}
