import { z } from 'zod';
import { groupId } from './fields.ts';
import { defineTool, looks } from './tool.ts';

export const groupExists = defineTool({
  name: 'scim_group_exists',
  title: 'Check whether a group exists',
  description: 'Says whether a group with this id exists, without returning it.',
  toolset: 'scim',
  isRare: true,
  scope: 'scim:read',
  annotations: looks,
  input: { group_id: groupId },
  content: z.object({ exists: z.boolean(), group_id: z.string() }),
  async run({ directory }, actor, { group_id }) {
    return {
      content: { exists: await directory.exists(actor, 'Group', group_id), group_id },
      metadata: { operation: 'group_exists', resource_type: 'Group', resource_id: group_id },
    };
  },
});
