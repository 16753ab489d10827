/** SCIM resources as tools answer them, as far as scenarios look into them. */
export type Json = Record<string, unknown>;

export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const department = `${enterpriseUrn}:department`;
export const costCenter = `${enterpriseUrn}:costCenter`;
export const manager = `${enterpriseUrn}:manager.value`;

/** The path of one member of a group, as the history names it. */
export function memberPath(id: string): string {
  return `members[value eq "${id}"]`;
}

export function isMemberPath(path: string): boolean {
  return path.startsWith('members[');
}

/** @returns the value at a path; of a member, `true` where there is one. */
export function valueAt(record: unknown, path: string): unknown {
  const [, member] = /^members\[value eq "(.*)"\]$/.exec(path) ?? [];
  if (member !== undefined) {
    const { members = [] } = record as { members?: { value?: unknown }[] };
    return members.some(({ value }) => value === member) ? true : undefined;
  }
  const isExtension = path.startsWith(`${enterpriseUrn}:`);
  const names = isExtension ? [enterpriseUrn, ...path.slice(enterpriseUrn.length + 1).split('.')] : path.split('.');
  return names.reduce<unknown>((value, name) => (value as Json | undefined)?.[name], record);
}

const labels: Record<string, string> = {
  title: 'job title',
  nickName: 'nickname',
  userType: 'kind of employment',
  preferredLanguage: 'language',
  locale: 'region format',
  timezone: 'time zone',
  profileUrl: 'web page',
  externalId: 'external ID',
  active: 'status',
  'name.middleName': 'middle name',
  'name.honorificPrefix': 'title before the name',
  'name.honorificSuffix': 'suffix after the name',
  costCenter: 'cost centre',
  employeeNumber: 'employee number',
  'manager.value': 'manager',
};

/** What people call a field. @param path a SCIM path. */
export function labelOf(path: string): string {
  if (isMemberPath(path)) return 'members';
  const bare = path.startsWith(`${enterpriseUrn}:`) ? path.slice(enterpriseUrn.length + 1) : path;
  return labels[bare] ?? bare;
}

/** "title, department and cost centre" */
export function listOf(words: readonly string[]): string {
  const unique = [...new Set(words)];
  return unique.length < 2 ? unique.join('') : `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`;
}

export function quoted(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
}
