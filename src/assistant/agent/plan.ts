import { dynamicTool, jsonSchema } from 'ai';
import { z } from 'zod';
import { planStates, type RunPlan } from '../context.ts';
import type { Run } from '../run.ts';

/** The tool by which a model says what it is going to do, and how far it is. */
export const planTool = 'show_plan';

const stepsMax = 20;
const planSchema = z.object({
  steps: z
    .array(
      z.object({ text: z.string().min(1).max(200).describe('A few words that the person reads.'), state: z.enum(planStates) }),
    )
    .min(1)
    .max(stepsMax),
});

/** Shows the plan of a run, one for each; a plan that is sent again takes the place of the one before. */
export function showPlanTool(run: Run) {
  return dynamicTool({
    description:
      'Shows the person what you are going to do, where it takes three steps or more: all steps, before the first. Send all of them again when one is done.',
    inputSchema: jsonSchema(z.toJSONSchema(planSchema, { io: 'input' }) as Parameters<typeof jsonSchema>[0]),
    execute: async (input) => {
      const parsed = planSchema.safeParse(input);
      if (!parsed.success) return { shown: false, error: z.prettifyError(parsed.error) };
      const plan: RunPlan = parsed.data;
      await run.put({
        id: `${run.id}:plan`,
        contentType: 'plan',
        content: JSON.stringify(plan),
        metadata: { role: 'assistant', task: run.id },
      });
      return { shown: true };
    },
  });
}
