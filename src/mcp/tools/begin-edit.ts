import { z } from 'zod';
import { toWire } from '../answer.ts';
import { resourceId, resourceType } from './fields.ts';
import { defineTool } from './tool.ts';

export const beginEdit = defineTool({
  name: 'scim_begin_edit',
  title: 'Say that you are about to edit',
  description:
    'Tells people and other agents that you are about to change a user or group, and tells you who else is: who has unsaved changes of which fields, and how likely a collision is. ' +
    'It is no lock: nobody is hindered, and you may write without it. Worth it before you think for long about a change. Ends when its lease does, or with scim_end_edit; calling it again renews it.',
  toolset: 'collaboration',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: {
    resource_type: resourceType,
    resource_id: resourceId,
    fields: z
      .array(z.string().min(1).max(300))
      .max(100)
      .optional()
      .describe('The attribute paths that you are about to change, for example ["title", "emails"].'),
    note: z.string().max(200).optional().describe('What it is for, in a few words that people read beside your name.'),
    lease_seconds: z.int().min(5).max(600).default(60),
  },
  content: z.object({
    edit_id: z.string(),
    expires_at: z.string(),
    version: z.string().describe('The raw version of the resource now.'),
    advisory: z.looseObject({}).optional().describe('Who else is at it; missing where nobody is and nothing collided lately.'),
  }),
  async run({ directory }, actor, { resource_type: type, resource_id: id, fields, note, lease_seconds: leaseSeconds }) {
    const { version } = await directory.get(actor, type, id);
    const edit = directory.presence.begin(actor, { type, id }, { fields, note, leaseSeconds });
    const advisory = directory.foresee(actor, type, id, fields);
    return {
      content: { edit_id: edit.id, expires_at: edit.until, version, ...(advisory && { advisory: toWire(advisory) }) },
      metadata: { operation: 'begin_edit', resource_type: type, resource_id: id },
    };
  },
});
