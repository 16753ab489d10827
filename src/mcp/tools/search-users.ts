import { z } from 'zod';
import { toScimUser } from '../scim-user.ts';
import { defineTool, user } from './tool.ts';

const resultsMax = 200;

export const searchUsers = defineTool({
  name: 'scim_search_users',
  title: 'Search users',
  description:
    `Finds users whose attribute equals a value, whatever the letter case, for example userName, emails.value, name.familyName, displayName, title or department. ` +
    `Returns at most ${resultsMax}; totalResults counts all.`,
  scope: 'scim:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: {
    attribute: z
      .string()
      .min(1)
      .max(200)
      .describe('Attribute path, for example "userName", "emails.value", "name.familyName", "active".'),
    value: z.string().max(1000).describe('The value that it must equal; "true" or "false" for active.'),
  },
  content: z.object({
    Resources: z.array(user),
    totalResults: z.int(),
    searchCriteria: z.object({ attribute: z.string(), value: z.string() }),
  }),
  async run({ directory }, actor, { attribute, value }) {
    const { total, rows } = await directory.search(actor, 'User', attribute, value, resultsMax);
    return {
      content: { Resources: rows.map(toScimUser), totalResults: total, searchCriteria: { attribute, value } },
      metadata: { operation: 'search_users', resource_type: 'User', search_attribute: attribute, search_value: value },
    };
  },
});
