import { answerWhole } from '../answer.ts';
import { sendRecord } from '../conflict.ts';
import { expectedVersion, user, userData, userId } from './fields.ts';
import { defineTool, overwrites } from './tool.ts';

export const updateUser = defineTool({
  name: 'scim_update_user',
  title: 'Update a user',
  description:
    'Replaces the whole user record (like PUT): attributes that you leave out are removed. Get the user first, change what you need, send everything back. ' +
    'To change a few fields only, use scim_patch_user instead. ' +
    'Send expected_version, so that a change made by somebody else meanwhile is not overwritten: then you get VERSION_MISMATCH with what changed, by whom, ' +
    'and, where nothing overlaps, the merged record to send instead.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: overwrites,
  type: 'User',
  afterConflict: sendRecord('user_data'),
  input: { user_id: userId, user_data: userData, expected_version: expectedVersion('user') },
  content: user,
  async run({ directory }, actor, { user_id, user_data, expected_version: expectedVersion }, { approval }) {
    const updated = await directory.replace(actor, 'User', user_id, user_data, { expectedVersion, approval });
    return answerWhole(directory, actor, 'update_user', updated, {
      conditional_update: expectedVersion !== undefined,
      changed: updated.changed,
    });
  },
});
