/** A user record as MCP returns it. */
export type UserRecord = Record<string, unknown>;

export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

interface Path {
  /** Schema URN of an extension's attribute. */
  urn?: string;
  attribute: string;
  /** Which element of a multi-valued attribute. */
  filter?: { by: string; value: string };
  sub?: string;
}

/**
 * Parses a SCIM path (RFC 7644 §3.10) of the forms that differences are named by: `title`, `name.givenName`,
 * `emails[type eq "work"].value`, `urn:…:User:department`, `urn:…:User:manager.value`.
 * @returns undefined for any other.
 */
export function parsePath(text: string): Path | undefined {
  const match = /^(?:(urn:.+?:User):)?(\w+)(?:\[(\w+) eq "(.*)"\])?(?:\.([\w$]+))?$/.exec(text);
  const [, urn, attribute, by, value, sub] = match ?? [];
  if (attribute === undefined) return undefined;
  return {
    attribute,
    ...(urn === undefined ? {} : { urn }),
    ...(by === undefined || value === undefined ? {} : { filter: { by, value } }),
    ...(sub === undefined ? {} : { sub }),
  };
}

/** @returns the value at a path, or undefined if there is none. */
export function valueAt(record: UserRecord, text: string): unknown {
  const path = parsePath(text);
  if (!path) return undefined;
  const holder = path.urn === undefined ? record : asObject(record[path.urn]);
  const value = holder[path.attribute];
  const target = path.filter
    ? asList(value).find((element) => String(element[path.filter?.by ?? '']) === path.filter?.value)
    : value;
  return path.sub === undefined ? target : asObject(target)[path.sub];
}

/** @returns a copy with the value at the path set, or removed where it is undefined; undefined if the path is not understood. */
export function withValue(record: UserRecord, text: string, value: unknown): UserRecord | undefined {
  const path = parsePath(text);
  if (!path) return undefined;
  const { urn, attribute, filter, sub } = path;
  const holder = urn === undefined ? record : asObject(record[urn]);
  const changed = { ...holder, [attribute]: changedAttribute(holder[attribute], { filter, sub }, value) };
  if (urn === undefined) return changed;
  const schemas = new Set([...((record['schemas'] as string[] | undefined) ?? []), urn]);
  return { ...record, [urn]: changed, schemas: [...schemas] };
}

function changedAttribute(
  old: unknown,
  { filter, sub }: { filter: Path['filter']; sub: string | undefined },
  value: unknown,
): unknown {
  if (!filter) return sub === undefined ? value : { ...asObject(old), [sub]: value };
  const elements = asList(old);
  const matches = (element: UserRecord) => String(element[filter.by]) === filter.value;
  const change = (element: UserRecord): UserRecord => (sub === undefined ? asObject(value) : { ...element, [sub]: value });
  if (value === undefined) return elements.filter((element) => !matches(element));
  return elements.some(matches)
    ? elements.map((element) => (matches(element) ? change(element) : element))
    : [...elements, change({ [filter.by]: filter.value })];
}

function asObject(value: unknown): UserRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as UserRecord) : {};
}

function asList(value: unknown): UserRecord[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

/** What a person calls a user. */
export function nameOf(record: UserRecord): string {
  const { givenName, familyName } = asObject(record['name']);
  const full = [givenName, familyName].filter(Boolean).join(' ');
  return String(record['displayName'] ?? (full || record['userName']));
}

const labels: Record<string, string> = {
  active: 'status',
  nickName: 'nickname',
  displayName: 'display name',
  userName: 'user name',
  title: 'job title',
  'name.givenName': 'given name',
  'name.familyName': 'family name',
  'name.formatted': 'full name',
  'phoneNumbers[type eq "work"].value': 'work phone',
  'phoneNumbers[type eq "mobile"].value': 'mobile phone',
  'emails[type eq "work"].value': 'work email',
  'emails[type eq "home"].value': 'home email',
};

/** What a person calls a path. */
export function labelOf(path: string): string {
  const known = labels[path];
  if (known !== undefined) return known;
  const bare = path.startsWith('urn:') ? path.slice(path.lastIndexOf(':') + 1) : path;
  return bare.replace(/\.value$/, '').replaceAll(/([a-z])([A-Z])/g, (_all, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}
