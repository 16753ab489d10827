import { z } from 'zod';
import { invalidArgument } from '../result.ts';
import { escalationContent, toWire } from '../escalation.ts';
import { escalationId, patchOperations } from './fields.ts';
import { defineTool, overwrites } from './tool.ts';

export const answerEscalation = defineTool({
  name: 'scim_answer_escalation',
  title: 'Answer another agent',
  description:
    'Answers a change that another agent proposes to you (scim_list_escalations with asked_of_me): accept lets it be done, decline refuses it, counter proposes a patch of the same user or group instead, which the other agent then answers. ' +
    'Where the policy of the tenant lets a person decide, people are asked after you accept. Only people answer what people are asked.',
  toolset: 'collaboration',
  scope: 'scim:write',
  annotations: { ...overwrites, idempotentHint: false },
  input: {
    escalation_id: escalationId,
    answer: z.enum(['accept', 'decline', 'counter']),
    patch: patchOperations.optional().describe('With counter: the operations that you propose instead (RFC 7644 §3.5.2).'),
  },
  content: escalationContent,
  async run({ directory }, actor, { escalation_id, answer, patch }, { reason }) {
    if ((answer === 'counter') !== (patch !== undefined)) throw invalidArgument('patch', 'Send it with counter, and only then.');
    const { escalation, outdated } = await directory.escalations.answer(actor, escalation_id, { answer, patch, reason });
    return {
      content: toWire(escalation),
      metadata: {
        operation: 'answer_escalation',
        escalation_id,
        ...(outdated && { outdated: 'It would do something else by now, see changes. Nothing was done; answer again.' }),
      },
    };
  },
});
