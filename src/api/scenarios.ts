import { z } from 'zod';
import { DirectoryError } from '../directory/index.ts';
import type { RunSnapshot, RunUpdate, ScenarioInfo } from '../scenarios/index.ts';
import { procedure, router } from './trpc.ts';

const run = z.object({ id: z.uuid() });
const speed = z.enum(['0.5x', '1x', '2x', '4x', 'fast']);

/** Demonstrations: played, watched, paused, stopped. Those about a run that is gone do nothing. */
export const scenarios = router({
  list: procedure.query(({ ctx }): { scenarios: ScenarioInfo[]; runs: RunSnapshot[] } => ({
    scenarios: ctx.scenarios.list(),
    runs: ctx.scenarios.runs(),
  })),

  start: procedure
    .input(z.object({ name: z.string().max(64), speed, agents: z.int().min(1).max(100).optional() }))
    .mutation(async ({ ctx, input: { name, ...options } }): Promise<RunSnapshot> =>
      orBusy(await ctx.scenarios.start(name, options)),
    ),

  /** Goes on with a run that was stopped, from its checkpoint. */
  goOn: procedure.input(run).mutation(({ ctx, input }): RunSnapshot => orBusy(ctx.scenarios.goOn(input.id))),

  /** The run with its events so far, and then whenever there is more, until it is over. */
  watch: procedure
    .input(run)
    .subscription(({ ctx, input, signal }): AsyncGenerator<RunUpdate> => ctx.scenarios.watch(input.id, signal)),

  pause: procedure.input(run).mutation(({ ctx, input }) => ctx.scenarios.pause(input.id)),
  resume: procedure.input(run).mutation(({ ctx, input }) => ctx.scenarios.resume(input.id)),
  speed: procedure.input(run.extend({ speed })).mutation(({ ctx, input }) => ctx.scenarios.setSpeed(input.id, input.speed)),
  stop: procedure.input(run).mutation(({ ctx, input }) => ctx.scenarios.stop(input.id)),

  /** Ends a run and removes the tenant that was made for it. */
  remove: procedure.input(run).mutation(({ ctx, input }) => ctx.scenarios.remove(input.id)),
});

function orBusy(started: RunSnapshot | undefined): RunSnapshot {
  if (started) return started;
  throw new DirectoryError('UNAVAILABLE', 'This cannot be played now: two scenarios are playing already. Stop one first.');
}
