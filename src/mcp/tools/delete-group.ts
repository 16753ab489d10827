import { z } from 'zod';
import { deleteStill } from '../conflict.ts';
import { expectedVersion, groupId } from './fields.ts';
import { defineTool } from './tool.ts';

export const deleteGroup = defineTool({
  name: 'scim_delete_group',
  title: 'Delete a group',
  description:
    'Deletes a group; its members stay, and the history keeps the record. Send expected_version to delete only what you have seen. Ask the person you work for before you delete.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  type: 'Group',
  afterConflict: deleteStill,
  input: { group_id: groupId, expected_version: expectedVersion('group') },
  content: z.object({ status: z.literal('deleted'), group_id: z.string() }),
  async run({ directory }, actor, { group_id, expected_version }, { approval }) {
    await directory.delete(actor, 'Group', group_id, { expectedVersion: expected_version, approval });
    return {
      content: { status: 'deleted', group_id },
      metadata: {
        operation: 'delete_group',
        resource_type: 'Group',
        resource_id: group_id,
        conditional_delete: expected_version !== undefined,
      },
    };
  },
});
