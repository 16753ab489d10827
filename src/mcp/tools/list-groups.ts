import { z } from 'zod';
import type { ListQuery } from '../../directory/index.ts';
import { group } from './fields.ts';
import { listing, listingInput, pageMax } from './listing.ts';
import { defineTool, looks } from './tool.ts';

export const listGroups = defineTool({
  name: 'scim_list_groups',
  title: 'List groups',
  description:
    'Returns a page of groups in the order of their creation or sorted, all or those that a filter finds; metadata.total_results says how many there are, metadata.next_cursor leads to the next page. ' +
    'Their members are left out unless fields asks for them; filter \'members.value eq "ID"\' finds the groups of somebody.',
  toolset: 'scim',
  scope: 'scim:read',
  annotations: looks,
  input: {
    start_index: z.int().min(1).default(1).describe('Number of the first group of the page, from 1.'),
    count: z.int().min(0).max(pageMax).default(50).describe(`Groups on the page, at most ${pageMax}; 0 only counts them.`),
    ...listingInput('Group'),
  },
  content: z.array(group),
  async run({ directory }, actor, args) {
    const read = (query: ListQuery) => directory.list(actor, 'Group', query);
    const { resources, metadata } = await listing(directory, actor, 'Group', args, read);
    return { content: resources, metadata: { operation: 'list_groups', ...metadata } };
  },
});
