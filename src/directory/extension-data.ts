import { schemaVersionOf } from './discovery.ts';
import type { ListPage, ListQuery } from './directory.ts';
import { DirectoryError, type Issue } from './errors.ts';
import { checkExtension } from './extension.ts';
import { limits } from './limits.ts';
import { nameOf } from './name.ts';
import { normalise } from './normalise.ts';
import type { Versioned } from './resource.ts';
import { groupSchemas, userSchemas, withExtension, type ResourceSchemas, type Schema } from './schema.ts';
import { parseVersion } from './version.ts';

/** A resource by which to show what a check has found. */
interface Example {
  id: string;
  name: string;
}

/** What a definition asks that resources which there are do not meet. */
export interface ExtensionBreak {
  /** The attribute inside the extension, for example `badge` or `passes.kind`. */
  path: string;
  /** What is wrong with the values there, in one sentence. */
  message: string;
  /** How many resources it is so of. */
  count: number;
  /** The first of them, at most `limits.extensionExamplesMax`. */
  examples: Example[];
}

/** Whether an extension could be put in force, and what it would mean for the resources that there are. */
export interface ExtensionCheck {
  valid: boolean;
  /** What is wrong with the definition itself, then what resources that there are do not meet. */
  issues: Issue[];
  affected: {
    /** The resources that would not be valid any more. */
    count: number;
    /** The first of them. */
    examples: Example[];
  };
  /** The issues that come from the resources, one by one. */
  breaks: ExtensionBreak[];
  /** The proposal in its full form, if that is in order. */
  schema?: Schema;
}

type List = (query: ListQuery) => Promise<ListPage>;

/**
 * Checks the proposal of an extension by itself (extension.ts) and against the resources of the tenant.
 * @throws the reason of the signal, when it aborts.
 */
export async function checkWithData(
  schemas: ResourceSchemas,
  proposal: unknown,
  list: List,
  signal?: AbortSignal,
): Promise<ExtensionCheck> {
  const { schema, issues } = checkExtension(schemas, proposal);
  if (!schema) return { valid: false, issues, affected: { count: 0, examples: [] }, breaks: [] };
  const others = schemas.extensions.filter(({ id }) => id !== schema.id);
  const isNew = others.length === schemas.extensions.length;
  if (isNew && others.length >= limits.extensionsMax)
    issues.push({ path: 'id', message: `There are ${others.length} extensions; more cannot be added.` });
  const proposed = withExtension(schemas, schema);
  // Nobody can have values of an extension that is new.
  const found = isNew ? { carriers: 0, violators: 0, breaks: new Breaks() } : await check(proposed, schema, list, signal);
  const { carriers, breaks } = found;
  const required = schema.attributes.filter((attribute) => attribute.required);
  const without = (await list({ count: 0 })).total - carriers;
  if (without > 0 && required.length > 0) {
    const filter = isNew ? undefined : `not (${carrying(schema.id)})`;
    const { rows } = await list({ filter, count: limits.extensionExamplesMax, uncounted: true });
    for (const { name } of required) breaks.add(name, 'Is required and missing.', rows.map(toExample), without);
  }
  const noun = (count: number) => `${count} ${schemas.type.toLowerCase()}${count === 1 ? '' : 's'}`;
  for (const { path, message, count } of breaks.list)
    issues.push({
      path: `${schema.id}:${path}`,
      message: `Would not hold for ${noun(count)}: ${message} Change them first, or ask for less.`,
    });
  const count = found.violators + (required.length > 0 ? without : 0);
  const examples = new Map(breaks.list.flatMap(({ examples }) => examples.map((example) => [example.id, example])));
  const affected = { count, examples: [...examples.values()].slice(0, limits.extensionExamplesMax) };
  return { valid: issues.length === 0, issues, affected, breaks: breaks.list, schema };
}

/** Whether a resource is valid by the schemas, as far as one extension of them is concerned. */
export function isValidBy(schemas: ResourceSchemas, extension: string, record: unknown): boolean {
  return issuesOf(schemas, record).every(({ path }) => !path.startsWith(`${extension}:`));
}

/**
 * @param expected the version that the caller has seen; null for an extension that must not be there; undefined for any.
 * @throws DirectoryError VERSION_MISMATCH, UNIQUENESS, NOT_FOUND.
 */
export function checkExpected({ extensions }: ResourceSchemas, id: string, expected: string | null | undefined): void {
  if (expected === undefined) return;
  const current = extensions.find((extension) => extension.id === id);
  if (expected === null) {
    if (!current) return;
    const message = 'There is an extension of this URN already. Choose another URN, or change that one.';
    throw new DirectoryError('UNIQUENESS', message, { issues: [{ path: 'id', message }] });
  }
  if (!current) throw notThere(id);
  if (schemaVersionOf(current) !== parseVersion(expected))
    throw new DirectoryError(
      'VERSION_MISMATCH',
      'The extension was changed since you have read it. Nothing was written. Read it again, and make your change in it.',
    );
}

function notThere(id: string): DirectoryError {
  return new DirectoryError('NOT_FOUND', `No extension has the URN '${id.slice(0, 200)}'.`);
}

/** @throws DirectoryError NOT_FOUND; INVALID_ARGUMENT if the extension cannot be removed. */
export async function checkRemoval(schemas: ResourceSchemas, id: string, list: List): Promise<void> {
  if ([...userSchemas.extensions, ...groupSchemas.extensions].some((standard) => standard.id === id))
    throw new DirectoryError('INVALID_ARGUMENT', 'This extension belongs to the standard; it cannot be removed.');
  if (!schemas.extensions.some((extension) => extension.id === id)) throw notThere(id);
  const { total } = await list({ filter: carrying(id), count: 0 });
  const noun = `${schemas.type.toLowerCase()}${total === 1 ? ' has' : 's have'}`;
  if (total > 0)
    throw new DirectoryError('INVALID_ARGUMENT', `${total} ${noun} values of this extension. Remove the values first.`);
}

interface Found {
  carriers: number;
  violators: number;
  breaks: Breaks;
}

/** Holds the resources that have values of an extension against another definition of it. */
async function check(proposed: ResourceSchemas, schema: Schema, list: List, signal?: AbortSignal): Promise<Found> {
  const found: Found = { carriers: 0, violators: 0, breaks: new Breaks() };
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    signal?.throwIfAborted();
    const page: ListPage = await list({ filter: carrying(schema.id), cursor, count: limits.pageMax, uncounted: true });
    for (const row of page.rows) {
      const issues = issuesOf(proposed, row.resource).filter(({ path }) => path.startsWith(`${schema.id}:`));
      found.carriers++;
      if (issues.length > 0) found.violators++;
      const reasons = new Map(
        issues.map(({ path, message }) => [
          `${withoutIndex(path, schema)}\n${message}`,
          [withoutIndex(path, schema), message] as const,
        ]),
      );
      for (const [path, message] of reasons.values()) found.breaks.add(path, message, [toExample(row)], 1);
    }
    cursor = page.nextCursor;
    // Others want to be served meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}

/** What was found, the same of many resources once. */
class Breaks {
  readonly list: ExtensionBreak[] = [];

  add(path: string, message: string, examples: readonly Example[], count: number): void {
    let found = this.list.find((one) => one.path === path && one.message === message);
    if (!found) this.list.push((found = { path, message, count: 0, examples: [] }));
    found.count += count;
    found.examples.push(...examples.slice(0, limits.extensionExamplesMax - found.examples.length));
  }
}

function toExample({ resource }: Versioned): Example {
  return { id: resource.id, name: nameOf(resource) };
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

/** @returns the filter of the resources that have values of an extension. */
export function carrying(id: string): string {
  return `schemas eq ${JSON.stringify(id)}`;
}

/** An attribute's path inside the extension, the same for every element of a list. */
function withoutIndex(path: string, { id }: Schema): string {
  return path.slice(id.length + 1).replaceAll(/\[\d+\]/g, '');
}
