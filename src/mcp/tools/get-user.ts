import { toScimUser } from '../scim-user.ts';
import { defineTool, user, userId } from './tool.ts';

export const getUser = defineTool({
  name: 'scim_get_user',
  title: 'Get a user',
  description:
    'Returns one user with its version. Call it before an update: change the record that it returns, and send it with expected_version = content._version.',
  scope: 'scim:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: { user_id: userId },
  content: user,
  async run({ directory }, actor, { user_id }) {
    const found = await directory.get(actor, 'User', user_id);
    return {
      content: toScimUser(found),
      metadata: { operation: 'get_user', resource_type: 'User', resource_id: user_id, version: found.version },
    };
  },
});
