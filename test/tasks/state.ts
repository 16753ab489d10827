import type { Actor, Directory, Json } from '../../src/directory/index.ts';

export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** One person or group as a flat map: `title`, `name.givenName`, `emails[work].value`, `department`; `member:ID` of a group. */
export type Leaves = Record<string, unknown>;

/** A whole tenant, by the ids of its people and groups. */
export interface State {
  resources: Map<string, Leaves>;
  /** What must have been created: the values named must be there, of the one that nobody knew before. */
  created: Leaves[];
}

const readMax = 500;
/** What the directory derives, or what says nothing that the rest does not. */
const derived = /^(?:id|schemas|meta)(?:[.[]|$)|^manager\.(?:displayName|\$ref)$|\]\.type$/;

/** Reads everything that a tenant holds. */
export async function readState(directory: Directory, actor: Actor): Promise<State> {
  const resources = new Map<string, Leaves>();
  for (const type of ['User', 'Group'] as const)
    for (let cursor: string | undefined; ;) {
      const { rows, nextCursor } = await directory.list(actor, type, { count: readMax, startIndex: 1, cursor });
      for (const { resource } of rows) {
        const leaves: Leaves = {};
        flatten(resource, '', leaves);
        if (type === 'Group')
          for (const { value } of await directory.members(actor, resource.id, { limit: readMax }))
            leaves[`member:${value}`] = true;
        resources.set(resource.id, leaves);
      }
      cursor = nextCursor;
      if (cursor === undefined) break;
    }
  return { resources, created: [] };
}

export function copyOf({ resources, created }: State): State {
  return { resources: new Map([...resources].map(([id, leaves]) => [id, { ...leaves }])), created: [...created] };
}

function flatten(value: Json, path: string, into: Leaves): void {
  if (derived.test(path)) return;
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) {
      const type = typeof item === 'object' && item !== null && !Array.isArray(item) ? item['type'] : undefined;
      flatten(item, `${path}[${typeof type === 'string' ? type : index}]`, into);
    }
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value))
      flatten(item, key === enterpriseUrn ? '' : path === '' ? key : `${path}.${key}`, into);
  else into[path] = value;
}

/**
 * Compares a tenant with what it must be.
 * @returns each difference in words; none if it is right.
 */
export function differences(expected: State, actual: State, nameOf: (id: string) => string): string[] {
  const found: string[] = [];
  const missing = [...expected.created];
  for (const [id, leaves] of actual.resources) {
    const wanted = expected.resources.get(id);
    if (wanted) found.push(...differing(wanted, leaves).map((text) => `${nameOf(id)}: ${text}`));
    else {
      const index = missing.findIndex((one) => Object.entries(one).every(([path, value]) => same(leaves[path], value)));
      if (index < 0) found.push(`created, and not asked for: ${JSON.stringify(leaves)}`);
      else missing.splice(index, 1);
    }
  }
  for (const id of expected.resources.keys()) if (!actual.resources.has(id)) found.push(`${nameOf(id)} is gone`);
  for (const one of missing) found.push(`not created: ${JSON.stringify(one)}`);
  return found;
}

function differing(wanted: Leaves, leaves: Leaves): string[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(leaves)])]
    .filter((path) => !same(wanted[path], leaves[path]))
    .map((path) => `${path} is ${JSON.stringify(leaves[path])}, must be ${JSON.stringify(wanted[path])}`);
}

/** A removed value and one that was never there are the same. `anything` stands for what a task leaves open. */
function same(wanted: unknown, value: unknown): boolean {
  return wanted === anything || value === anything || wanted === value;
}

export const anything = Symbol('anything');
