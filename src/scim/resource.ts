import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  isWanted,
  project,
  referringAttributes,
  withReferences,
  type Actor,
  type Complex,
  type Directory,
  type Member,
  type Projection,
  type Versioned,
} from '../directory/index.ts';
import { badRequest } from './errors.ts';
import { doorLimits, etagOf, locationOf } from './protocol.ts';

/** Who asks, and how this tenant is dealt with. */
export interface Caller {
  actor: Actor;
  /** Names the access that it came with, for the door's options. */
  access: string;
  /** The address of the SCIM root by which the caller came; all locations begin with it. */
  base: string;
  /** Whether what Entra ID and Okta really send is taken, beyond the standards. */
  lenient: boolean;
  /** Whether a write must say which version it expects. */
  requireVersion: boolean;
  /** The largest body that it may send, and the largest answer that it gets. */
  bodyBytes: number;
  resultBytes: number;
  /** When the access ends, in seconds since the epoch. */
  expiresAt?: number;
}

/**
 * Writes a resource as SCIM clients see it (RFC 7643 §3): with `meta`, the members of a group or the groups of a user, and the
 * addresses of what it refers to; without what the caller does not want. What is costly is read only if it is wanted. Members
 * are read after the version, so that at worst they are newer than it says: then the next conditional write is refused.
 * @param referred the names of those whom resources refer to, by id, where they were read together for several.
 * @throws DirectoryError NOT_FOUND for a group that was deleted meanwhile.
 */
export async function toWire(
  directory: Directory,
  { actor, base }: Caller,
  versioned: Versioned,
  projection: Projection,
  referred?: ReadonlyMap<string, string>,
): Promise<Complex> {
  const { type, resource } = versioned;
  const schemas = directory.schemas(actor, type);
  const names = referred ?? (await namesOf(directory, actor, [versioned], projection));
  const wire: Complex = { ...withReferences(type, resource, names, (of, id) => locationOf(base, of, id)) };
  if (type === 'Group') {
    if (isWanted(schemas, 'members', projection) && versioned.members && versioned.members.count > 0)
      wire['members'] = await membersOf(directory, actor, base, resource.id);
  } else if (type === 'User' && isWanted(schemas, 'groups', projection)) {
    const groups = await directory.groupsOf(actor, resource.id);
    if (groups.length > 0)
      wire['groups'] = groups.map((group): Complex => ({ ...group, $ref: locationOf(base, 'Group', group.value) }));
  }
  wire['meta'] = {
    resourceType: type,
    created: versioned.created,
    lastModified: versioned.lastModified,
    location: locationOf(base, type, resource.id),
    version: etagOf(versioned.version),
  };
  return project(schemas, wire, projection);
}

/**
 * As toWire, of all that is read for one answer.
 * @throws ScimError 400 tooMany where the groups have more members than one answer should carry.
 */
export async function toWirePage(
  directory: Directory,
  caller: Caller,
  rows: readonly Versioned[],
  projection: Projection,
): Promise<Complex[]> {
  const members = rows.reduce((sum, row) => sum + (row.members?.count ?? 0), 0);
  if (members > doorLimits.membersListedMax && isWanted(directory.schemas(caller.actor, 'Group'), 'members', projection))
    throw badRequest(
      'tooMany',
      `That would be ${members} members of groups in one answer. Ask for excludedAttributes=members, or for fewer groups.`,
    );
  const names = await namesOf(directory, caller.actor, rows, projection);
  const page: Complex[] = [];
  for (const row of rows) page.push(await toWire(directory, caller, row, projection, names));
  return page;
}

/** The names of those whom some resources of one type refer to, read together. */
async function namesOf(
  directory: Directory,
  actor: Actor,
  rows: readonly Versioned[],
  projection: Projection,
): Promise<ReadonlyMap<string, string>> {
  const [first] = rows;
  const schemas = first && directory.schemas(actor, first.type);
  const isAsked = first && schemas && referringAttributes[first.type].some((name) => isWanted(schemas, name, projection));
  return isAsked ? directory.referenceNames(actor, rows) : new Map<string, string>();
}

/** Reads all members, page by page, so that others are answered in between. */
async function membersOf(directory: Directory, actor: Actor, base: string, group: string): Promise<Complex[]> {
  const members: Complex[] = [];
  for (let after: string | undefined; ;) {
    const page: Member[] = await directory.members(actor, group, {
      limit: doorLimits.membersPage,
      ...(after !== undefined && { after }),
    });
    for (const { value, type, display } of page) members.push({ value, $ref: locationOf(base, type, value), display, type });
    after = page.at(-1)?.value;
    if (page.length < doorLimits.membersPage) return members;
    await nextTurn();
  }
}
