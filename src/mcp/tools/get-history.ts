import { z } from 'zod';
import { DirectoryError, type Revision } from '../../directory/index.ts';
import { change, version } from './history-fields.ts';
import { resourceId, resourceType } from './fields.ts';
import { defineTool, looks } from './tool.ts';

const changesMax = 50;

export const getHistory = defineTool({
  name: 'scim_get_history',
  title: 'Get the history of a user or group',
  description:
    'Returns who changed a user or group, when, through which door, and each field before and after: newest first, in pages. Works for deleted ones too. ' +
    'Narrow it with author, door or field, for example to learn who set the title last. Compare two of its versions with scim_compare_versions, go back to one with scim_revert.',
  toolset: 'collaboration',
  scope: 'scim:read',
  annotations: looks,
  input: {
    resource_type: resourceType,
    resource_id: resourceId,
    author: z.string().min(1).max(300).optional().describe('Only changes by this author: the id or the name of an actor.'),
    door: z.enum(['window', 'mcp', 'scim', 'cli']).optional().describe('Only changes that came this way.'),
    field: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .describe(
        'Only changes of this attribute or a part of it: "title", "emails", "emails[type eq \\"work\\"].value", "members".',
      ),
    count: z.int().min(1).max(100).default(20).describe('Changes on the page, at most 100.'),
    cursor: z.string().max(20).optional().describe('metadata.next_cursor of the page before.'),
  },
  content: z.array(
    z.looseObject({
      ...version,
      operation: z.string(),
      changes: z.array(change),
    }),
  ),
  async run({ directory }, actor, { resource_type, resource_id, author, door, field, count, cursor }) {
    const before = cursor === undefined ? undefined : fromCursor(cursor);
    const query = { author, door, field, before, limit: count };
    const { revisions, next, pruned } = await directory.history.list(actor, resource_type, resource_id, query);
    return {
      content: revisions.map(toWire),
      metadata: {
        operation: 'get_history',
        resource_type,
        resource_id,
        items_per_page: revisions.length,
        ...(next !== undefined && { next_cursor: String(next) }),
        ...(pruned && { note: 'The oldest versions are no longer kept.' }),
      },
    };
  },
});

function toWire({ version: made, previousVersion, at, author, operation, changes, origin }: Revision) {
  const left = changes.length - changesMax;
  return {
    version: made,
    ...(previousVersion !== undefined && { previous_version: previousVersion }),
    when: at,
    actor: author,
    operation,
    changes: changes.slice(0, changesMax),
    ...(left > 0 && { changes_omitted: left }),
    ...(origin?.kind === 'revert' && { reverted_to: origin.version }),
    ...(origin?.kind === 'undo' && { undid_changes_of: origin.author }),
  };
}

function fromCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new DirectoryError('INVALID_CURSOR', 'This is not a cursor that was given out here. Begin again without one.');
}
