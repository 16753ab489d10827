import { groupSchemas, userSchemas } from '../directory/index.ts';
import { kindOfClass } from './ldif-read.ts';
import type { Format, Kind } from './row.ts';
import { suggestMapping } from './suggest.ts';

/** @returns the format that a file most likely is in, by its first piece of text. */
export function guessFormat(beginning: string): Format {
  const start = beginning.trimStart();
  if (/^\{[^\n]*\}\r?\n\s*\{/.test(start)) return 'jsonl';
  if (/^[[{]/.test(start)) return 'json';
  if (/^(?:#[^\n]*\n|version:\s*1\s*\n|\s*\n)*dn::?\s/i.test(start)) return 'ldif';
  return 'csv';
}

/** What only people have, or only groups. */
const jsonMarks = /"(?:urn:ietf:params:scim:schemas:core:2\.0:(?<urn>User|Group)"|(?<key>userName|members)"\s*:)/;

/**
 * @param headers of CSV.
 * @returns what a file is about, where its beginning says so.
 */
export function guessKind(format: Format, beginning: string, headers: readonly string[]): Kind | undefined {
  if (format === 'csv') {
    const isMapped = (schemas: typeof userSchemas, path: RegExp) =>
      Object.values(suggestMapping(headers, schemas).mapping).some((found) => path.test(found));
    if (isMapped(userSchemas, /^(?:userName$|emails\b|name\.)/)) return 'users';
    return isMapped(groupSchemas, /^members\b/) ? 'groups' : undefined;
  }
  if (format === 'ldif') {
    for (const [, name = ''] of beginning.matchAll(/^objectclass:\s*(\S+)/gim)) {
      const kind = kindOfClass(name);
      if (kind) return kind;
    }
    return undefined;
  }
  const { urn, key } = jsonMarks.exec(beginning)?.groups ?? {};
  if (urn === undefined && key === undefined) return undefined;
  return urn === 'Group' || key === 'members' ? 'groups' : 'users';
}
