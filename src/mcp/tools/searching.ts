import { z } from 'zod';
import type { Actor, Directory, ListQuery, ResourceType } from '../../directory/index.ts';
import { invalidArgument } from '../result.ts';
import { listing, listingInput, pageMax } from './listing.ts';
import type { Success } from './tool.ts';

/** The arguments of a search: an attribute and a value as in the Rust server, or a filter. */
export function searchInput(type: ResourceType, attributes: string) {
  return {
    attribute: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(`Attribute path, for example ${attributes}. With value; or send filter instead of both.`),
    value: z.string().max(1000).optional().describe('The value that it must equal; "true" or "false" for active.'),
    count: z.int().min(0).max(pageMax).default(pageMax).describe(`Results at once, at most ${pageMax}; 0 only counts them.`),
    ...listingInput(type),
  };
}

/** What a search answers. */
export function searchContent(resource: z.ZodType) {
  return z.object({
    Resources: z.array(resource),
    totalResults: z.int(),
    searchCriteria: z
      .object({ attribute: z.string().optional(), value: z.string().optional(), filter: z.string().optional() })
      .describe('What was searched for.'),
  });
}

type SearchArguments = z.infer<z.ZodObject<ReturnType<typeof searchInput>>>;

/** @throws DirectoryError INVALID_ARGUMENT, INVALID_FILTER, INVALID_CURSOR, INVALID_PATH. */
export async function search(
  directory: Directory,
  actor: Actor,
  type: ResourceType,
  { attribute, value, ...args }: SearchArguments,
): Promise<Success> {
  const { filter } = args;
  const isPair = attribute !== undefined && value !== undefined;
  if (filter === undefined && !isPair)
    throw invalidArgument(
      attribute === undefined ? 'attribute' : 'value',
      'Send attribute and value, or filter instead of both.',
    );
  if (filter !== undefined && (attribute !== undefined || value !== undefined))
    throw invalidArgument(
      'filter',
      'Send either filter, or attribute and value. A filter can say both: attribute eq "value" and ….',
    );
  const read = (query: ListQuery) =>
    isPair ? directory.search(actor, type, attribute, value, query) : directory.list(actor, type, query);
  const { resources, total, metadata } = await listing(directory, actor, type, args, read);
  const { start_index: _one, ...page } = metadata;
  return {
    content: {
      Resources: resources,
      totalResults: total,
      searchCriteria: isPair ? { attribute, value } : { filter },
    },
    metadata: { ...page, ...(isPair && { search_attribute: attribute, search_value: value }) },
  };
}
