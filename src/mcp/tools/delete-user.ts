import { z } from 'zod';
import { deleteStill } from '../conflict.ts';
import { expectedVersion, userId } from './fields.ts';
import { defineTool } from './tool.ts';

export const deleteUser = defineTool({
  name: 'scim_delete_user',
  title: 'Delete a user',
  description:
    'Deletes a user and takes it out of its groups; the history keeps the record. Send expected_version to delete only what you have seen. Ask the person you work for before you delete.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  type: 'User',
  afterConflict: deleteStill,
  input: { user_id: userId, expected_version: expectedVersion('user') },
  content: z.object({ status: z.literal('deleted'), user_id: z.string() }),
  async run({ directory }, actor, { user_id, expected_version }, { approval }) {
    await directory.delete(actor, 'User', user_id, { expectedVersion: expected_version, approval });
    return {
      content: { status: 'deleted', user_id },
      metadata: {
        operation: 'delete_user',
        resource_type: 'User',
        resource_id: user_id,
        conditional_delete: expected_version !== undefined,
      },
    };
  },
});
