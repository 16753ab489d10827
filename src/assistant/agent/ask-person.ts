import { dynamicTool, jsonSchema } from 'ai';
import type { Question } from '../context.ts';
import type { Run } from '../run.ts';
import { answerMs } from './elicitation.ts';
import { choiceOf, questionOf } from './history.ts';
import type { Scope } from './scope.ts';

const askSchema = {
  type: 'object',
  properties: {
    question: { type: 'string' },
    options: {
      type: 'array',
      minItems: 1,
      maxItems: 12,
      items: {
        type: 'object',
        properties: {
          label: { type: 'string', description: 'What the person reads.' },
          send: { type: 'string', description: 'What you are told when they choose it.' },
        },
        required: ['label', 'send'],
      },
    },
  },
  required: ['question', 'options'],
} as const;

const prefixOf = (run: Run) => `${run.id}:choice:`;

/** The choices that this run has put to the person. */
function choicesOf(run: Run): Question[] {
  return run.nodes().flatMap((node) => {
    const asked = questionOf(node);
    return asked?.id.startsWith(prefixOf(run)) ? [asked] : [];
  });
}

/** The tool by which a model asks the person to choose; the answer is its result. */
export function askPersonTool(run: Run, scope: Scope) {
  return dynamicTool({
    description:
      'Asks the person to choose one of a few options, and waits for the answer. An answer of null means that they did not choose.',
    inputSchema: jsonSchema(askSchema as Parameters<typeof jsonSchema>[0]),
    execute: async (input) => {
      const { question, options } = input as { question: string; options: { label: string; send: string }[] };
      const answer = await run.ask({
        id: `${prefixOf(run)}${choicesOf(run).length}`,
        kind: 'choice',
        from: 'agent',
        message: question,
        options: options.map(({ label, send }) => ({ label, value: send })),
        deadline: new Date(Date.now() + answerMs).toISOString(),
      });
      const chosen = choiceOf({ state: answer.action === 'accept' ? 'accepted' : 'cancelled', answer: answer.content ?? {} });
      if (chosen.answer !== null) scope.say(chosen.answer);
      return chosen;
    },
  });
}

/** Waits on with choices that were open when Tandem ended; their answers are in the nodes then. */
export async function resumeChoices(run: Run): Promise<void> {
  for (const { state, draft: _draft, answer: _answer, ...question } of choicesOf(run))
    if (state === 'pending') await run.ask(question);
}
