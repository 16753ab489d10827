import { DirectoryError } from '../errors.ts';
import { memberPath } from '../members.ts';
import { normalise } from '../normalise.ts';
import type { WriteContext } from '../operation.ts';
import type { Member, Origin, ResourceType, Revision } from '../resource.ts';
import type { Key } from '../store.ts';
import { restoreIn, notFound, updateIn, type Make, type Written } from '../write.ts';
import { covers, parseField } from './field-path.ts';
import { take } from './take.ts';
import { findVersion, membersBetween, type Point, type VersionInfo } from './versions.ts';

/** To bring a resource back to one of its versions, as a change of its own; a deleted one too. */
export interface RevertOperation {
  kind: 'revert';
  type: ResourceType;
  id: string;
  to: Point;
  /** Only these fields, by attribute path or as changes name them; `members` are those of a group. */
  fields?: readonly string[] | undefined;
}

export interface Reverted extends Written {
  /** What it went back to. */
  to: VersionInfo;
  /** Members of then who did not come back, since they do not exist any more. */
  leftOut: (Partial<Member> & { value: string })[];
}

/**
 * Brings a resource back to a version. Members of a group who do not exist any more are left out; passwords stay.
 * @param expected the raw version that the caller has seen.
 * @throws DirectoryError NOT_FOUND, VERSION_NOT_FOUND, VERSION_MISMATCH; INVALID_PATH;
 *   INVALID_ARGUMENT for fields of a deleted resource; SCHEMA_VIOLATION where the schemas have changed since; UNIQUENESS.
 */
export function revertIn(context: WriteContext, key: Key, operation: RevertOperation, expected: string | undefined): Written {
  const { transaction } = context;
  const target = targetOf(context, key, operation);
  const { revision, version, at } = target;
  const { fields } = operation;
  const origin: Origin = { kind: 'revert', revision, version, at, ...(fields && { fields }) };
  // What is overwritten is known, and meant: it is no stale record.
  const scope = { ...context, origin, shown: undefined };
  const wish = revertWish(context, operation);
  const isThere = transaction.get(key) !== undefined;
  if (isThere) return updateIn(scope, key, fields ? 'patch' : 'replace', expected, wish);
  if (expected !== undefined) throw notFound(key);
  if (fields)
    throw new DirectoryError('INVALID_ARGUMENT', 'fields: It is deleted. Leave fields out, to bring back all of it.', {
      issues: [{ path: 'fields', message: 'Leave them out.' }],
    });
  return restoreIn(scope, key, wish(target.resource));
}

/** What going back wants of a resource, told from any version of it. @throws as revertIn. */
export function revertWish(context: WriteContext, operation: RevertOperation): Make {
  const { transaction, tenant } = context;
  const { type, id, fields } = operation;
  const key: Key = { tenant, type, id };
  const schemas = context.schemas(type);
  const target = targetOf(context, key, operation);
  const chosen = fields?.map((field) => parseField(schemas, field, 'fields'));
  const isWanted = (path: string) => chosen === undefined || chosen.some((field) => covers(field, path));
  return (current, seen) => {
    const record = chosen === undefined ? target.resource : take(current, target.resource, isWanted);
    const { content } = normalise(schemas, record);
    if (type !== 'Group') return { content };
    // From what its writer had seen, where that is no more what is there: who came since then is not what it goes back on.
    const from = seen?.revision ?? Number.MAX_SAFE_INTEGER;
    const { came, left } = membersBetween(transaction.past, key, from, target.revision);
    const isMeant = (member: string) => isWanted(memberPath(member));
    const exists = (member: string) => transaction.named(tenant, member) !== undefined;
    return {
      content,
      members: { add: came.filter((member) => isMeant(member) && exists(member)), remove: left.filter(isMeant) },
    };
  };
}

function targetOf({ transaction: { past } }: WriteContext, key: Key, { to }: RevertOperation): Revision {
  const target = findVersion(past, key, to);
  if (target.operation !== 'delete') return target;
  throw new DirectoryError('INVALID_ARGUMENT', 'It was deleted then. Name a version before that, or delete it.');
}
