import { answerWhole } from '../answer.ts';
import { user, userData } from './fields.ts';
import { defineTool } from './tool.ts';

export const createUser = defineTool({
  name: 'scim_create_user',
  title: 'Create a user',
  description:
    'Creates a user and returns it with its id and version. Refused, with the fields named, if the record is not valid or the userName is taken.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: { user_data: userData },
  content: user,
  async run({ directory }, actor, { user_data }, { approval }) {
    return answerWhole(directory, actor, 'create_user', await directory.create(actor, 'User', user_data, { approval }));
  },
});
