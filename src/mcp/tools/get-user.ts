import { answerWhole } from '../answer.ts';
import { user, userId } from './fields.ts';
import { defineTool, looks } from './tool.ts';

export const getUser = defineTool({
  name: 'scim_get_user',
  title: 'Get a user',
  description:
    'Returns one user with its version and the groups that it is in. Call it before an update: change the record that it returns, and send it with expected_version = content._version.',
  toolset: 'scim',
  scope: 'scim:read',
  annotations: looks,
  type: 'User',
  input: { user_id: userId },
  content: user,
  async run({ directory }, actor, { user_id }) {
    return answerWhole(directory, actor, 'get_user', await directory.get(actor, 'User', user_id));
  },
});
