import { z } from 'zod';
import { userId } from './fields.ts';
import { defineTool, looks } from './tool.ts';

export const userExists = defineTool({
  name: 'scim_user_exists',
  title: 'Check whether a user exists',
  description: 'Says whether a user with this id exists, without returning it.',
  toolset: 'scim',
  isRare: true,
  scope: 'scim:read',
  annotations: looks,
  input: { user_id: userId },
  content: z.object({ exists: z.boolean(), user_id: z.string() }),
  async run({ directory }, actor, { user_id }) {
    return {
      content: { exists: await directory.exists(actor, 'User', user_id), user_id },
      metadata: { operation: 'user_exists', resource_type: 'User', resource_id: user_id },
    };
  },
});
