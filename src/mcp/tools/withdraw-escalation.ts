import { escalationContent, toWire } from '../escalation.ts';
import { escalationId } from './fields.ts';
import { defineTool, overwrites } from './tool.ts';

export const withdrawEscalation = defineTool({
  name: 'scim_withdraw_escalation',
  title: 'Take back a question',
  description: 'Takes back a change of yours that waits for an answer, so that nobody needs to answer it.',
  toolset: 'collaboration',
  isRare: true,
  scope: 'scim:write',
  annotations: { ...overwrites, destructiveHint: false },
  input: { escalation_id: escalationId },
  content: escalationContent,
  async run({ directory }, actor, { escalation_id }, { reason }) {
    const escalation = await directory.escalations.withdraw(actor, escalation_id, reason);
    return { content: toWire(escalation), metadata: { operation: 'withdraw_escalation', escalation_id } };
  },
});
