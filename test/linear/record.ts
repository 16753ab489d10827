import { urns } from '../scim-host.ts';

export type Type = 'User' | 'Group';
type Json = Record<string, unknown>;

/** What a resource holds, by path; each value is one that nobody else writes, so that it tells whose it is. */
export type Fields = Readonly<Record<string, string>>;

/** A resource as the tests see it: flat, the members of a group apart. */
export interface Content {
  fields: Fields;
  /** Of a group, in order. */
  members: readonly string[];
}

export const department = `${urns.enterprise}:department`;
export const userPaths = [
  'title',
  'nickName',
  'displayName',
  'name.familyName',
  'name.givenName',
  'emails[type eq "work"].value',
  'emails[type eq "home"].value',
  department,
] as const;
export const groupPaths = ['displayName', 'externalId'] as const;

const topLevel = new Set(['userName', 'title', 'nickName', 'displayName', 'externalId']);
const ignored = new Set(['schemas', 'id', 'meta', '_version', 'groups', 'members']);

/** Reads a record of any door. @throws Error for what the tests never write. */
export function fieldsOf(record: Json): Fields {
  const fields: Record<string, string> = {};
  const put = (path: string, value: unknown) => {
    if (typeof value !== 'string') throw new Error(`${path} is ${JSON.stringify(value)}`);
    fields[path] = value;
  };
  for (const [name, value] of Object.entries(record)) {
    if (ignored.has(name)) continue;
    if (topLevel.has(name)) put(name, value);
    else if (name === 'name') for (const [part, text] of Object.entries(value as Json)) put(`name.${part}`, text);
    else if (name === 'emails')
      for (const { type, value: text, ...more } of value as { type: string; value: string }[]) {
        if (Object.keys(more).length > 0) throw new Error(`an email has ${JSON.stringify(more)}`);
        put(`emails[type eq "${type}"].value`, text);
      }
    else if (name === urns.enterprise) put(department, (value as Json)['department']);
    else throw new Error(`nobody wrote ${name}`);
  }
  return fields;
}

/** The record that has these fields. */
export function recordOf(type: Type, fields: Fields, members?: readonly string[]): Json {
  const part = (path: string) => fields[path];
  const emails = ['work', 'home'].flatMap((kind) => {
    const value = part(`emails[type eq "${kind}"].value`);
    return value === undefined ? [] : [{ type: kind, value }];
  });
  const name = Object.fromEntries(
    ['familyName', 'givenName'].flatMap((key) => {
      const value = part(`name.${key}`);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  return {
    schemas: type === 'Group' ? [urns.group] : [urns.user, ...(fields[department] === undefined ? [] : [urns.enterprise])],
    ...Object.fromEntries(Object.entries(fields).filter(([path]) => topLevel.has(path))),
    ...(Object.keys(name).length > 0 && { name }),
    ...(emails.length > 0 && { emails }),
    ...(fields[department] !== undefined && { [urns.enterprise]: { department: fields[department] } }),
    ...(members && { members: members.map((value) => ({ value })) }),
  };
}

export function memberPath(id: string): string {
  return `members[value eq "${id}"]`;
}

/** The paths at which two contents differ, members by their own. */
export function difference(a: Content | undefined, b: Content | undefined): string[] {
  const paths = new Set([...Object.keys(a?.fields ?? {}), ...Object.keys(b?.fields ?? {})]);
  const [was, is] = [new Set(a?.members), new Set(b?.members)];
  return [
    ...[...paths].filter((path) => a?.fields[path] !== b?.fields[path]),
    ...[...new Set([...was, ...is])].filter((id) => was.has(id) !== is.has(id)).map(memberPath),
  ];
}
