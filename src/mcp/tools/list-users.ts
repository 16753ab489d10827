import { z } from 'zod';
import type { ListQuery } from '../../directory/index.ts';
import { user } from './fields.ts';
import { listing, listingInput, pageMax } from './listing.ts';
import { defineTool, looks } from './tool.ts';

export const listUsers = defineTool({
  name: 'scim_list_users',
  title: 'List users',
  description:
    'Returns a page of users in the order of their creation or sorted, all or those that a filter finds; metadata.total_results says how many there are, metadata.next_cursor leads to the next page. ' +
    'Use count 0 to only count, and fields to get only what you need.',
  toolset: 'scim',
  scope: 'scim:read',
  annotations: looks,
  input: {
    start_index: z.int().min(1).default(1).describe('Number of the first user of the page, from 1.'),
    count: z.int().min(0).max(pageMax).default(50).describe(`Users on the page, at most ${pageMax}; 0 only counts them.`),
    ...listingInput('User'),
  },
  content: z.array(user),
  async run({ directory }, actor, args) {
    const read = (query: ListQuery) => directory.list(actor, 'User', query);
    const { resources, metadata } = await listing(directory, actor, 'User', args, read);
    return { content: resources, metadata: { operation: 'list_users', ...metadata } };
  },
});
