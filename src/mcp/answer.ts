import {
  DirectoryError,
  isWanted,
  project,
  type Actor,
  type Advisory,
  type Directory,
  type Json,
  type ListPage,
  type Versioned,
  type Written,
} from '../directory/index.ts';
import { conflictChanges } from './conflict.ts';
import { toScim, type ScimResource } from './scim-resource.ts';
import type { Success } from './tools/tool.ts';

/** Members of a group, or groups of a user, that stand in an answer; of more, only the number is told. */
const listedMax = 1000;
/** As many together on one page of a list. */
const listedOnPageMax = 5000;

/** What an answer leaves out, and how to get it. */
interface Omitted {
  total: number;
  how: string;
}

/** What is not part of a resource's record: a group's members and a user's groups, or why they are not shown. */
type Derived = { attributes: Record<string, Json> } | { omitted: Omitted };

/** The answer of a tool about one user or group: the whole resource, and in its metadata what it is. */
export async function answerWhole(
  directory: Directory,
  actor: Actor,
  operation: string,
  found: Versioned & Partial<Pick<Written, 'merged' | 'overwrote'>>,
  more: Record<string, unknown> = {},
): Promise<Success> {
  const derived = await derivedOf(directory, actor, found, listedMax);
  const advisory = directory.foresee(actor, found.type, found.resource.id);
  const metadata = {
    operation,
    resource_type: found.type,
    resource_id: found.resource.id,
    version: found.version,
    ...more,
    ...(found.type === 'Group' && { member_count: found.members?.count ?? 0 }),
    ...(advisory && { advisory: toWire(advisory) }),
    ...(found.merged && { merged_with: conflictChanges(found.merged) }),
    ...(found.overwrote && { overwrote_changes_of_others: found.overwrote }),
  };
  const content = toScim(found, await directory.referenceNames(actor, [found]));
  if ('omitted' in derived) return { content, metadata: { ...metadata, [omittedName(found)]: derived.omitted } };
  return { content: { ...content, ...derived.attributes }, metadata };
}

/** Who else is at a resource, in the wire's spelling. */
export function toWire({ others, fieldsTaken, collisionLikelihood, advice }: Advisory) {
  return { advice, collision_likelihood: collisionLikelihood, fields_taken: fieldsTaken, others };
}

/**
 * The resources of a page. What is derived for each (members, groups) is read and shown only if it is asked for.
 * @param fields attribute paths; all attributes of the record if there are none.
 * @returns with them, for the metadata, whose members or groups are too many to be shown.
 */
export async function answerPage(
  directory: Directory,
  actor: Actor,
  type: Versioned['type'],
  { rows }: ListPage,
  fields: readonly string[] | undefined,
): Promise<{ resources: ScimResource[]; metadata: Record<string, unknown> }> {
  const schemas = directory.schemas(actor, type);
  const wanted = { attributes: fields };
  const withManagers = type === 'User' && isWanted(schemas, 'manager', wanted);
  const names = withManagers ? await directory.referenceNames(actor, rows) : new Map<string, string>();
  if (fields === undefined || fields.length === 0) return { resources: rows.map((found) => toScim(found, names)), metadata: {} };
  const withDerived = isWanted(schemas, type === 'User' ? 'groups' : 'members', wanted);
  let room = listedOnPageMax;
  const omitted: Record<string, Omitted> = {};
  const resources: ScimResource[] = [];
  for (const found of rows) {
    const derived: Derived = withDerived
      ? await derivedOf(directory, actor, found, Math.min(listedMax, room))
      : { attributes: {} };
    if ('omitted' in derived) omitted[found.resource.id] = derived.omitted;
    const attributes = 'omitted' in derived ? {} : derived.attributes;
    for (const list of Object.values(attributes)) if (Array.isArray(list)) room -= list.length;
    resources.push(project(schemas, { ...toScim(found, names), ...attributes }, wanted));
  }
  const [first] = rows;
  const metadata = first && Object.keys(omitted).length > 0 ? { [omittedName(first)]: omitted } : {};
  return { resources, metadata };
}

function omittedName({ type }: Versioned): string {
  return type === 'User' ? 'groups_omitted' : 'members_omitted';
}

async function derivedOf(directory: Directory, actor: Actor, found: Versioned, max: number): Promise<Derived> {
  const { id } = found.resource;
  if (found.type === 'User') {
    const groups = await directory.groupsOf(actor, id);
    if (groups.length === 0) return { attributes: {} };
    if (groups.length <= max) return { attributes: { groups: groups.map((group) => ({ ...group })) } };
    return { omitted: { total: groups.length, how: `Page through scim_list_groups with filter 'members.value eq "${id}"'.` } };
  }
  const total = found.members?.count ?? 0;
  if (total === 0) return { attributes: {} };
  if (total > max)
    return {
      omitted: {
        total,
        how:
          `Page through scim_list_users with filter 'groups.value eq "${id}"' (members of groups inside included). ` +
          'Change them with scim_modify_group_members; an update without members keeps them.',
      },
    };
  const members = await directory.members(actor, id, { limit: max }).catch(ignoreNotFound);
  // Somebody may have written between a write and its answer; members of another version than the answer's would mislead.
  const now = await directory.get(actor, 'Group', id).catch(ignoreNotFound);
  if (!members || now?.version !== found.version)
    return { omitted: { total, how: 'They changed while this was answered. Get the group again.' } };
  return { attributes: { members: members.map(({ value, display, type }) => ({ value, display, type })) } };
}

/** What was there a moment ago may be gone. */
function ignoreNotFound(error: unknown): undefined {
  if (error instanceof DirectoryError && error.code === 'NOT_FOUND') return undefined;
  throw error;
}
