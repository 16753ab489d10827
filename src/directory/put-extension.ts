import { DirectoryError } from './errors.ts';
import { checkExpected, isValidBy, type ExtensionCheck } from './extension-data.ts';
import { limits } from './limits.ts';
import { isObject } from './normalise.ts';
import type { ResourceType } from './resource.ts';
import { withExtension, type ResourceSchemas, type Schema } from './schema.ts';
import type { Store } from './store.ts';

/** How often an extension is checked again when schemas or resources change meanwhile. */
const triesMax = 5;

/** What the putting of an extension works with. */
export interface Put {
  tenant: string;
  type: ResourceType;
  store: Pick<Store, 'latestRevision' | 'revisionsSince'>;
  /** The schemas that are in force now. */
  schemas: () => ResourceSchemas;
  check: () => Promise<ExtensionCheck>;
  put: (schema: Schema) => Promise<void>;
}

/**
 * Puts an extension in force if it and the resources there are agree. The check of 100,000 resources takes a while in which
 * others write: what they wrote is checked before the end, and other schemas are a reason to begin again.
 * @param expected as in checkExpected (extension-data.ts).
 * @throws DirectoryError SCHEMA_VIOLATION, UNAVAILABLE; as checkExpected.
 */
export async function putExtension(proposal: unknown, expected: string | null | undefined, work: Put): Promise<Schema> {
  const { id } = isObject(proposal) ? proposal : {};
  for (let tries = 0; tries < triesMax; tries++) {
    const before = work.schemas();
    checkExpected(before, String(id), expected);
    const revision = await work.store.latestRevision();
    const { schema, issues } = await work.check();
    if (!schema || issues.length > 0) {
      const text = issues.map(({ path, message }) => `${path}: ${message}`).join(' ');
      throw new DirectoryError('SCHEMA_VIOLATION', text, { issues });
    }
    const holds = await holdsSince(revision, withExtension(before, schema), schema.id, work);
    if (!holds || work.schemas() !== before) continue;
    await work.put(schema);
    return schema;
  }
  throw new DirectoryError('UNAVAILABLE', 'Too much changes meanwhile. Try again in a moment.');
}

/**
 * Whether the resources that were written after a revision are valid by the schemas. Writes are committed in turns of the event
 * loop of their own: none comes between the last answer here and what the caller does at once.
 */
async function holdsSince(
  revision: number,
  schemas: ResourceSchemas,
  extension: string,
  { tenant, type, store }: Put,
): Promise<boolean> {
  for (let last = revision; ;) {
    const revisions = await store.revisionsSince(last, limits.conflictRevisionsMax);
    for (const { operation, resource, ...change } of revisions) {
      const concerns = change.tenant === tenant && change.type === type && operation !== 'delete';
      if (concerns && !isValidBy(schemas, extension, resource)) return false;
      last = change.revision;
    }
    if (revisions.length < limits.conflictRevisionsMax) return true;
  }
}
