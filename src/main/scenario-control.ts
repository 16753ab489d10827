import { Readable } from 'node:stream';
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { speeds, type RunSnapshot, type ScenarioEvent, type Scenarios } from '../scenarios/index.ts';
import { StartError } from './data-folder.ts';

const wanted = z.object({
  name: z.string(),
  speed: z.enum(speeds),
  agents: z.int().optional(),
  /** Whether the tenant that was made for it stays. */
  keep: z.boolean(),
});
export type WantedScenario = z.infer<typeof wanted>;

/** What `tandem scenario` is told, as it happens; the last one is the end. */
export type ScenarioLine =
  | ({ type: 'start' } & Pick<RunSnapshot, 'scenario' | 'title' | 'tenant'>)
  | ({ type: 'event' } & ScenarioEvent)
  | ({ type: 'result' } & Pick<RunSnapshot, 'scenario' | 'tenant' | 'state' | 'error'> &
      Partial<NonNullable<RunSnapshot['result']>>);

/**
 * Plays a scenario to its end, and removes its tenant.
 * @throws StartError if there is no room for it.
 */
export async function* playScenario(
  scenarios: Scenarios,
  { name, speed, agents, keep }: WantedScenario,
  signal: AbortSignal,
): AsyncGenerator<ScenarioLine> {
  const run = await scenarios.start(name, { speed, agents });
  if (!run) throw new StartError('This cannot be played now: two scenarios are playing already. Stop one in the window first.');
  const { id, scenario, title, tenant } = run;
  let keepTenant = false;
  try {
    yield { type: 'start', scenario, title, tenant };
    for await (const { run: now, events } of scenarios.watch(id, signal)) {
      for (const event of events) yield { type: 'event', ...event };
      const { state, error, result } = now;
      if (state === 'running' || state === 'paused') continue;
      keepTenant = keep;
      yield { type: 'result', scenario, tenant, state, ...(error !== undefined && { error }), ...result };
    }
  } finally {
    await scenarios.remove(id, { keepTenant });
  }
}

/** `tandem scenario` with a running host: lines of JSON, as they come. Who goes away ends it. */
export function scenarioRoute(scenarios: Scenarios): FastifyPluginAsync {
  return async (fastify) => {
    fastify.post('/control/scenario', async (request, reply) => {
      const input = wanted.safeParse(request.body);
      if (!input.success) return reply.code(400).send({ message: z.prettifyError(input.error) });
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const lines = playScenario(scenarios, input.data, gone.signal);
      try {
        const first = await lines.next();
        return await reply.type('application/x-ndjson').send(Readable.from(textOf(first, lines)));
      } catch (error) {
        if (!(error instanceof StartError)) throw error;
        return reply.code(400).send({ message: error.message });
      }
    });
  };
}

async function* textOf(first: IteratorResult<ScenarioLine>, rest: AsyncGenerator<ScenarioLine>): AsyncGenerator<string> {
  if (first.done !== true) yield `${JSON.stringify(first.value)}\n`;
  for await (const line of rest) yield `${JSON.stringify(line)}\n`;
}
