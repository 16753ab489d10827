import { z } from 'zod';
import { toScimUser } from '../scim-user.ts';
import { defineTool, user } from './tool.ts';

const pageMax = 200;

export const listUsers = defineTool({
  name: 'scim_list_users',
  title: 'List users',
  description: `Returns a page of users in the order of their creation; metadata.total_results says how many there are. Use scim_search_users to find somebody.`,
  scope: 'scim:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: {
    start_index: z.int().min(1).default(1).describe('Number of the first user of the page, from 1.'),
    count: z.int().min(0).max(pageMax).default(50).describe(`Users on the page, at most ${pageMax}; 0 only counts them.`),
  },
  content: z.array(user),
  async run({ directory }, actor, { start_index, count }) {
    const { total, rows } = await directory.list(actor, 'User', { startIndex: start_index, count });
    return {
      content: rows.map(toScimUser),
      metadata: {
        operation: 'list_users',
        resource_type: 'User',
        total_results: total,
        start_index,
        items_per_page: rows.length,
      },
    };
  },
});
