import { z } from 'zod';
import {
  checkPaths,
  type Actor,
  type Directory,
  type ListPage,
  type ListQuery,
  type ResourceType,
} from '../../directory/index.ts';
import { answerPage } from '../answer.ts';
import { invalidArgument } from '../result.ts';
import type { ScimResource } from '../scim-resource.ts';

export const pageMax = 200;

const path = z.string().min(1).max(300);

/** What tools that list or search take beside the seed's arguments. */
export function listingInput(type: ResourceType) {
  const example =
    type === 'User'
      ? 'active eq true and emails[type eq "work" and value ew "@example.com"]'
      : 'displayName sw "Sales" or members.value eq "ID"';
  return {
    filter: z
      .string()
      .min(1)
      .max(20_000)
      .optional()
      .describe(
        'SCIM filter (RFC 7644 §3.4.2.2): eq ne co sw ew gt ge lt le pr, and or not, ( ), and [ ] for one element of a list. ' +
          `For example: ${example}; meta.lastModified gt "2026-01-31T00:00:00Z".`,
      ),
    sort_by: path
      .optional()
      .describe('Attribute path to sort by, for example "name.familyName". The order of creation if left out.'),
    sort_order: z.enum(['ascending', 'descending']).optional().describe('With sort_by. Ascending if left out.'),
    cursor: z
      .string()
      .max(200_000)
      .optional()
      .describe(
        'metadata.next_cursor of the page before, with the same filter and order. Unlike start_index it is not shifted by what others write meanwhile.',
      ),
    fields: z
      .array(path)
      .min(1)
      .max(100)
      .optional()
      .describe(
        `Attribute paths to return, for example ${type === 'User' ? '["userName", "emails.value"]; "groups"' : '["displayName"]; "members"'} only if named here; id, schemas and _version always. ` +
          'Do not send a record with chosen fields back as an update: use a patch.',
      ),
  };
}

/** The arguments of one page, with where it begins. */
export interface Listing {
  filter?: string | undefined;
  sort_by?: string | undefined;
  sort_order?: 'ascending' | 'descending' | undefined;
  cursor?: string | undefined;
  fields?: string[] | undefined;
  start_index?: number | undefined;
  count: number;
}

/**
 * Reads one page for a tool, and says in its metadata how much there is beside it and how to get that.
 * @param read gets the page; the directory's list or search.
 * @throws DirectoryError INVALID_PATH, INVALID_ARGUMENT; what `read` throws.
 */
export async function listing(
  directory: Directory,
  actor: Actor,
  type: ResourceType,
  args: Listing,
  read: (query: ListQuery) => Promise<ListPage>,
): Promise<{ resources: ScimResource[]; total: number; metadata: Record<string, unknown> }> {
  const { start_index = 1, count, cursor, filter, sort_by, sort_order, fields } = args;
  const schemas = directory.schemas(actor, type);
  if (cursor !== undefined && start_index !== 1)
    throw invalidArgument('cursor', 'It and start_index are two ways to page. Send one of them.');
  if (sort_order !== undefined && sort_by === undefined)
    throw invalidArgument('sort_order', 'Needs sort_by: the attribute to sort by.');
  checkPaths(schemas, fields ?? [], 'fields');
  checkPaths(schemas, sort_by === undefined ? [] : [sort_by], 'sort_by');
  const page = await read({
    filter,
    sortBy: sort_by,
    descending: sort_order === 'descending',
    startIndex: start_index,
    cursor,
    count,
  });
  const { resources, metadata } = await answerPage(directory, actor, type, page, fields);
  const left = page.total - resources.length;
  return {
    resources,
    total: page.total,
    metadata: {
      resource_type: type,
      total_results: page.total,
      ...(cursor === undefined && { start_index }),
      items_per_page: resources.length,
      ...(page.nextCursor !== undefined && { next_cursor: page.nextCursor }),
      ...(left > 0 && { omitted: { count: left, how: howToGet(page, count) } }),
      ...metadata,
    },
  };
}

function howToGet({ nextCursor }: ListPage, count: number): string {
  if (count === 0) return 'Send a count above 0.';
  return nextCursor === undefined
    ? 'This is the end; the others are on the pages before. Begin again without cursor and start_index to see them.'
    : 'Send the same call with cursor = metadata.next_cursor for the next page, or narrow it with filter.';
}
