import { answerWhole } from '../answer.ts';
import { sendRecord } from '../conflict.ts';
import { expectedVersion, group, groupData, groupId } from './fields.ts';
import { defineTool, overwrites } from './tool.ts';

export const updateGroup = defineTool({
  name: 'scim_update_group',
  title: 'Update a group',
  description:
    'Replaces the whole group record (like PUT): attributes that you leave out are removed, except members: without "members" the group keeps all it has, ' +
    'with "members" it has exactly these, with an empty list none. To add or remove some, use scim_modify_group_members. ' +
    'Send expected_version, so that a change made by somebody else meanwhile is not overwritten: then you get VERSION_MISMATCH with what changed, by whom, ' +
    'and, where nothing overlaps, the merged record to send instead.',
  toolset: 'scim',
  isRare: true,
  scope: 'scim:write',
  annotations: overwrites,
  type: 'Group',
  afterConflict: sendRecord('group_data'),
  input: { group_id: groupId, group_data: groupData, expected_version: expectedVersion('group') },
  content: group,
  async run({ directory }, actor, { group_id, group_data, expected_version: expectedVersion }, { approval }) {
    const updated = await directory.replace(actor, 'Group', group_id, group_data, { expectedVersion, approval });
    return answerWhole(directory, actor, 'update_group', updated, {
      conditional_update: expectedVersion !== undefined,
      changed: updated.changed,
    });
  },
});
