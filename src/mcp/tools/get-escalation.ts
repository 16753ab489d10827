import { z } from 'zod';
import { escalationContent, toWire } from '../escalation.ts';
import { escalationId } from './fields.ts';
import { defineTool, looks } from './tool.ts';

export const getEscalation = defineTool({
  name: 'scim_get_escalation',
  title: 'See what became of a question',
  description:
    'Says whether a change that waits for an answer was approved, declined or not answered yet, by whom and with what reason, and what was written. With wait_seconds it answers as soon as there is an answer. ' +
    'You see those that you have asked, and those that you are asked.',
  toolset: 'scim',
  scope: 'scim:read',
  annotations: looks,
  input: {
    escalation_id: escalationId,
    wait_seconds: z.number().min(0).max(50).default(0).describe('Wait so long for an answer, if there is none yet.'),
  },
  content: escalationContent,
  async run({ directory }, actor, { escalation_id, wait_seconds }, { signal }) {
    const escalation = await directory.escalations.wait(actor, escalation_id, { timeoutMs: wait_seconds * 1000, signal });
    return { content: toWire(escalation), metadata: { operation: 'get_escalation', escalation_id } };
  },
});
