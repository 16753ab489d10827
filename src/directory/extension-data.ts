import type { ListPage, ListQuery } from './directory.ts';
import { DirectoryError, type Issue } from './errors.ts';
import { checkExtension } from './extension.ts';
import { limits } from './limits.ts';
import { normalise } from './normalise.ts';
import { groupSchemas, userSchemas, type ResourceSchemas, type Schema } from './schema.ts';

/** Whether an extension could be put in force, and what it would mean for the resources that there are. */
export interface ExtensionCheck {
  valid: boolean;
  issues: Issue[];
  affected: {
    /** The resources that would not be valid any more. */
    count: number;
  };
  /** The proposal in its full form, if that is in order. */
  schema?: Schema;
}

type List = (query: ListQuery) => Promise<ListPage>;

/** Checks the proposal of an extension by itself (extension.ts) and against the resources of the tenant. */
export async function checkWithData(schemas: ResourceSchemas, proposal: unknown, list: List): Promise<ExtensionCheck> {
  const { schema, issues } = checkExtension(schemas, proposal);
  if (!schema) return { valid: false, issues, affected: { count: 0 } };
  const others = schemas.extensions.filter(({ id }) => id !== schema.id);
  const isNew = others.length === schemas.extensions.length;
  if (isNew && others.length >= limits.extensionsMax)
    issues.push({ path: 'id', message: `There are ${others.length} extensions; more cannot be added.` });
  const proposed = { ...schemas, extensions: [...others, schema] };
  // Nobody can have values of an extension that is new.
  const found = isNew ? { carriers: 0, violators: 0, reasons: new Map<string, number>() } : await check(proposed, schema, list);
  const { carriers, reasons } = found;
  const { total } = await list({ count: 0 });
  const without = total - carriers;
  const required = schema.attributes.filter((attribute) => attribute.required);
  if (without > 0) for (const { name } of required) add(reasons, reason(schema, name, 'Is required and missing.'), without);
  const noun = (count: number) => `${count} ${schemas.type.toLowerCase()}${count === 1 ? '' : 's'}`;
  for (const [key, count] of reasons) {
    const [path = '', message = ''] = key.split('\n');
    issues.push({ path, message: `Would not hold for ${noun(count)}: ${message} Change them first, or ask for less.` });
  }
  const count = found.violators + (required.length > 0 ? without : 0);
  return { valid: issues.length === 0, issues, affected: { count }, schema };
}

/** @throws DirectoryError NOT_FOUND; INVALID_ARGUMENT if the extension cannot be removed. */
export async function checkRemoval(schemas: ResourceSchemas, id: string, list: List): Promise<void> {
  if ([...userSchemas.extensions, ...groupSchemas.extensions].some((standard) => standard.id === id))
    throw new DirectoryError('INVALID_ARGUMENT', 'This extension belongs to the standard; it cannot be removed.');
  if (!schemas.extensions.some((extension) => extension.id === id))
    throw new DirectoryError('NOT_FOUND', `No extension has the URN '${id.slice(0, 200)}'.`);
  const { total } = await list({ filter: carrying(id), count: 0 });
  const noun = `${schemas.type.toLowerCase()}${total === 1 ? ' has' : 's have'}`;
  if (total > 0)
    throw new DirectoryError('INVALID_ARGUMENT', `${total} ${noun} values of this extension. Remove the values first.`);
}

interface Found {
  carriers: number;
  violators: number;
  /** Path and message, parted by a line break, to how many resources it is so of. */
  reasons: Map<string, number>;
}

/** Holds the resources that have values of an extension against another definition of it. */
async function check(proposed: ResourceSchemas, schema: Schema, list: List): Promise<Found> {
  const found: Found = { carriers: 0, violators: 0, reasons: new Map() };
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page: ListPage = await list({ filter: carrying(schema.id), cursor, count: limits.pageMax });
    for (const { resource } of page.rows) {
      const issues = issuesOf(proposed, resource).filter(({ path }) => path.startsWith(schema.id));
      found.carriers++;
      if (issues.length > 0) found.violators++;
      for (const key of new Set(issues.map(({ path, message }) => reason(schema, withoutIndex(path, schema), message))))
        add(found.reasons, key, 1);
    }
    cursor = page.nextCursor;
    // Others want to be served meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}

function issuesOf(schemas: ResourceSchemas, record: unknown): Issue[] {
  try {
    normalise(schemas, record);
    return [];
  } catch (error) {
    if (error instanceof DirectoryError) return error.issues;
    throw error;
  }
}

function carrying(id: string): string {
  return `schemas eq ${JSON.stringify(id)}`;
}

/** An attribute's path inside the extension, the same for every element of a list. */
function withoutIndex(path: string, { id }: Schema): string {
  return path.slice(id.length + 1).replaceAll(/\[\d+\]/g, '');
}

function reason({ id }: Schema, path: string, message: string): string {
  return `${id}:${path}\n${message}`;
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
