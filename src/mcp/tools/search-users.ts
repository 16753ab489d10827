import { user } from './fields.ts';
import { pageMax } from './listing.ts';
import { search, searchContent, searchInput } from './searching.ts';
import { defineTool, looks } from './tool.ts';

export const searchUsers = defineTool({
  name: 'scim_search_users',
  title: 'Search users',
  description:
    'Finds users whose attribute equals a value, whatever the letter case, for example userName, emails.value, name.familyName, displayName, title or department; ' +
    `or those that a SCIM filter finds. Returns at most ${pageMax} at once; totalResults counts all, and metadata.next_cursor leads to the next.`,
  toolset: 'scim',
  scope: 'scim:read',
  annotations: looks,
  input: searchInput('User', '"userName", "emails.value", "name.familyName", "active"'),
  content: searchContent(user),
  async run({ directory }, actor, args) {
    const { content, metadata } = await search(directory, actor, 'User', args);
    return { content, metadata: { operation: 'search_users', ...metadata } };
  },
});
