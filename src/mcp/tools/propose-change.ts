import { z } from 'zod';
import { DirectoryError } from '../../directory/index.ts';
import { escalationContent, toWire } from '../escalation.ts';
import { lenientFor } from '../lenient.ts';
import { expectedVersion, patchOperations, resourceId, resourceType } from './fields.ts';
import { defineTool } from './tool.ts';

export const proposeChange = defineTool({
  name: 'scim_propose_change',
  title: 'Propose a change',
  description:
    'Proposes a patch of a user or group instead of doing it: to people, or with to = the id of another agent that works here (for example conflict.changes[].actor.id) to that one. It is done, as yours, when they accept it. ' +
    'Say in reason why you want it. Ask with scim_get_escalation what became of it.',
  toolset: 'collaboration',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: {
    resource_type: resourceType,
    resource_id: resourceId,
    operations: patchOperations,
    expected_version: expectedVersion('user or group'),
    to: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .describe('The id of the agent that is to answer. People are asked if it is left out.'),
  },
  content: escalationContent,
  async run({ directory }, actor, { resource_type, resource_id, operations, expected_version, to }, { reason }) {
    if (to === 'people') throw new DirectoryError('INVALID_ARGUMENT', 'Nothing was done. to: Leave it out to ask people.');
    const escalation = await directory.escalations.create(actor, {
      kind: to === undefined ? 'approval' : 'negotiation',
      to,
      operations: [{ kind: 'patch', type: resource_type, id: resource_id, body: operations, expectedVersion: expected_version }],
      lenient: lenientFor(directory, actor),
      intent: reason,
    });
    return { content: toWire(escalation), metadata: { operation: 'propose_change', escalation_id: escalation.id } };
  },
});
