import { z } from 'zod';
import { defineTool } from './tool.ts';

export const endEdit = defineTool({
  name: 'scim_end_edit',
  title: 'Say that you are done editing',
  description: 'Ends what scim_begin_edit has announced, so that nobody waits for you. Writing does not end it.',
  toolset: 'collaboration',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: { edit_id: z.string().min(1).max(64).describe('From scim_begin_edit.') },
  content: z.object({ ended: z.literal(true) }),
  async run({ directory }, actor, { edit_id }) {
    directory.tenants.allow(actor, 'scim:write');
    const { type, resourceId } = directory.presence.finish(actor, edit_id);
    return { content: { ended: true }, metadata: { operation: 'end_edit', resource_type: type, resource_id: resourceId } };
  },
});
