import { answerWhole } from '../answer.ts';
import { sendChangeAgain } from '../conflict.ts';
import { lenientFor } from '../lenient.ts';
import { expectedVersion, patchOperations, user, userId } from './fields.ts';
import { defineTool, overwrites } from './tool.ts';

export const patchUser = defineTool({
  name: 'scim_patch_user',
  title: 'Change fields of a user',
  description:
    'Changes only the attributes that its operations name (RFC 7644 §3.5.2) and leaves everything else as it is: the recommended way to change a few fields, since it cannot overwrite others. ' +
    'For example [{"op": "replace", "path": "title", "value": "Engineer"}]. Send expected_version if your change depends on what you have read.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: overwrites,
  type: 'User',
  afterConflict: sendChangeAgain,
  input: { user_id: userId, operations: patchOperations, expected_version: expectedVersion('user') },
  content: user,
  async run({ directory }, actor, { user_id, operations, expected_version: expectedVersion }, { approval }) {
    const options = { approval, expectedVersion, lenient: lenientFor(directory, actor) };
    const patched = await directory.patch(actor, 'User', user_id, operations, options);
    return answerWhole(directory, actor, 'patch_user', patched, {
      conditional_update: expectedVersion !== undefined,
      changed: patched.changed,
    });
  },
});
