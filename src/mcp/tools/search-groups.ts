import { group } from './fields.ts';
import { pageMax } from './listing.ts';
import { search, searchContent, searchInput } from './searching.ts';
import { defineTool, looks } from './tool.ts';

export const searchGroups = defineTool({
  name: 'scim_search_groups',
  title: 'Search groups',
  description:
    'Finds groups whose attribute equals a value, whatever the letter case, for example displayName, or members.value for the groups that somebody is directly in; ' +
    `or those that a SCIM filter finds. Returns at most ${pageMax} at once; totalResults counts all, and metadata.next_cursor leads to the next. ` +
    'Their members are left out unless fields asks for them.',
  toolset: 'scim',
  isRare: true,
  scope: 'scim:read',
  annotations: looks,
  input: searchInput('Group', '"displayName", "members.value", "externalId"'),
  content: searchContent(group),
  async run({ directory }, actor, args) {
    const { content, metadata } = await search(directory, actor, 'Group', args);
    return { content, metadata: { operation: 'search_groups', ...metadata } };
  },
});
