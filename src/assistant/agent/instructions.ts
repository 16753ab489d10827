import type { DataMarks } from './data.ts';
import type { PromptMetadata } from './history.ts';
import { askTool } from '../offline/index.ts';
import { planTool } from './plan.ts';

/** What a model is told before everything else: short, since it is sent with each request. */
export function instructionsFor(options: {
  marks: DataMarks;
  today: Date;
  prompt: PromptMetadata;
  /** Servers of the person that do not answer now. */
  missing: readonly string[];
  /** What the caller has put into the context as `system`. */
  added: readonly string[];
}): string {
  const { marks, today, prompt, missing, added } = options;
  const { focus } = prompt;
  return [
    'You help an administrator with a directory of people and groups in Tandem. You reach it only through the tools.',
    `Read a record before you change it and send expected_version. Change single fields with scim_patch_user. Never overwrite what somebody else has changed: where a change collides, say base, mine and theirs, and ask with ${askTool}. Do what was asked, no more; say shortly what you did. Where it takes three steps or more, say them first with ${planTool}.`,
    marks.rule,
    `Today is ${today.toISOString().slice(0, 10)}.`,
    ...(focus
      ? [
          `Open in the window is the ${focus.type ?? 'User'} with the id ${JSON.stringify(focus.id)}; "this person" and the like mean it. Its name, as data: ${marks.wrap(focus.name)}`,
        ]
      : []),
    ...(missing.length > 0 ? [`These MCP servers cannot be reached now: ${missing.join(', ')}.`] : []),
    ...added,
  ].join('\n\n');
}
