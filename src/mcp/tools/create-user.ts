import { toScimUser } from '../scim-user.ts';
import { defineTool, user, userData } from './tool.ts';

export const createUser = defineTool({
  name: 'scim_create_user',
  title: 'Create a user',
  description:
    'Creates a user and returns it with its id and version. Refused, with the fields named, if the record is not valid or the userName is taken.',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: { user_data: userData },
  content: user,
  async run({ directory }, actor, { user_data }) {
    const created = await directory.create(actor, 'User', user_data);
    return {
      content: toScimUser(created),
      metadata: { operation: 'create_user', resource_type: 'User', resource_id: created.resource.id, version: created.version },
    };
  },
});
