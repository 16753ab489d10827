import { parseVersion, type Actor, type Directory, type ResourceType } from '../directory/index.ts';
import { ScimError } from './errors.ts';

/** Never the version of anything, but well-formed. */
const noVersion = 'none';

/**
 * Reads If-Match or If-None-Match (RFC 9110 §13.1): a list of tags, or `*`. Weak and strong tags mean the same, since SCIM's
 * are weak; a tag that came without quotes is taken as one.
 * @returns raw versions; a condition that cannot be read has none, so that it never holds.
 */
function tagsOf(header: string): '*' | string[] {
  if (header.trim() === '*') return '*';
  const tags = header.matchAll(/(?:W\/)?"([^"]*)"|([^\s,"]+)/g);
  return [...tags].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

/** The raw version of a tag, such as a bulk operation carries; a well-formed one that nothing has where it is not ours. */
export function versionOfTag(tag: string): string {
  const tags = tagsOf(tag);
  const version = tags === '*' ? noVersion : (tags[0] ?? noVersion);
  return isVersion(version) ? version : noVersion;
}

/** Whether a header such as If-None-Match names this version. */
export function names(header: string, version: string): boolean {
  const tags = tagsOf(header);
  return tags === '*' || tags.includes(version);
}

export interface Preconditions {
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
}

/**
 * Reads the conditions of a write.
 * @param options.required whether the tenant takes no write without a version.
 * @returns the version that the directory is to expect inside its transaction; undefined where any is good.
 * @throws ScimError 428 where a version is required and missing, 412 where If-None-Match names what is there; DirectoryError
 *   NOT_FOUND.
 */
export async function expectedVersion(
  directory: Directory,
  actor: Actor,
  resource: { type: ResourceType; id: string },
  { ifMatch, ifNoneMatch }: Preconditions,
  options: { required: boolean },
): Promise<string | undefined> {
  const current = () => directory.get(actor, resource.type, resource.id);
  if (ifNoneMatch !== undefined && names(ifNoneMatch, (await current()).version))
    throw new ScimError(412, 'The resource is there, and If-None-Match names its version. Nothing was written.');
  if (ifMatch === undefined) {
    if (!options.required) return undefined;
    throw new ScimError(428, 'This tenant wants to know which version is meant: send its ETag as If-Match.');
  }
  const tags = tagsOf(ifMatch);
  if (tags === '*') return undefined;
  const versions = tags.filter(isVersion);
  if (versions.length < 2) return versions[0] ?? noVersion;
  // Any of them is good. The directory compares with one, inside its transaction: with the one that is current now.
  const { version } = await current();
  return versions.includes(version) ? version : versions[0];
}

function isVersion(text: string): boolean {
  try {
    return parseVersion(text) === text;
  } catch {
    return false;
  }
}
