import { toScimUser } from '../scim-user.ts';
import { defineTool, expectedVersion, user, userData, userId } from './tool.ts';

export const updateUser = defineTool({
  name: 'scim_update_user',
  title: 'Update a user',
  description:
    'Replaces the whole user record (like PUT): attributes that you leave out are removed. Get the user first, change what you need, send everything back. ' +
    'Send expected_version, so that a change made by somebody else meanwhile is not overwritten: then you get VERSION_MISMATCH with what changed, by whom, ' +
    'and, where nothing overlaps, the merged record to send instead.',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: { user_id: userId, user_data: userData, expected_version: expectedVersion },
  content: user,
  async run({ directory }, actor, { user_id, user_data, expected_version }) {
    const updated = await directory.replace(actor, 'User', user_id, user_data, { expectedVersion: expected_version });
    return {
      content: toScimUser(updated),
      metadata: {
        operation: 'update_user',
        resource_type: 'User',
        resource_id: user_id,
        version: updated.version,
        conditional_update: expected_version !== undefined,
        changed: updated.changed,
      },
    };
  },
});
