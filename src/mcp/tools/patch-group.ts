import { answerWhole } from '../answer.ts';
import { sendChangeAgain } from '../conflict.ts';
import { lenientFor } from '../lenient.ts';
import { expectedVersion, group, groupId, patchOperations } from './fields.ts';
import { defineTool, overwrites } from './tool.ts';

export const patchGroup = defineTool({
  name: 'scim_patch_group',
  title: 'Change fields of a group',
  description:
    'Changes only the attributes that its operations name (RFC 7644 §3.5.2) and leaves everything else as it is: the recommended way to change a few fields, since it cannot overwrite others. ' +
    'For example [{"op": "replace", "path": "displayName", "value": "Engineering"}]. For members, scim_modify_group_members is simpler. ' +
    'Send expected_version if your change depends on what you have read.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: overwrites,
  type: 'Group',
  afterConflict: sendChangeAgain,
  input: { group_id: groupId, operations: patchOperations, expected_version: expectedVersion('group') },
  content: group,
  async run({ directory }, actor, { group_id, operations, expected_version: expectedVersion }, { approval }) {
    const options = { approval, expectedVersion, lenient: lenientFor(directory, actor) };
    const patched = await directory.patch(actor, 'Group', group_id, operations, options);
    return answerWhole(directory, actor, 'patch_group', patched, {
      conditional_update: expectedVersion !== undefined,
      changed: patched.changed,
    });
  },
});
