import type { ResourceSchemas } from '../directory/index.ts';
import { managerKeys } from './columns.ts';
import { wishFromRecord } from './json-read.ts';
import { firstOfDn, foldDn, ldifEntries, type LdifEntry } from './ldif-entries.ts';
import { unreadable, type Kind, type Row } from './row.ts';

const groupClasses = new Set(['groupofnames', 'groupofuniquenames', 'posixgroup', 'group']);
const userClasses = new Set(['person', 'organizationalperson', 'inetorgperson', 'posixaccount', 'account', 'user']);

/** @returns what entries of an object class are; undefined for those of other kinds. */
export function kindOfClass(name: string): Kind | undefined {
  const folded = name.toLowerCase();
  return userClasses.has(folded) ? 'users' : groupClasses.has(folded) ? 'groups' : undefined;
}

/**
 * Reads the people or the groups of an LDIF file; entries of another kind (units, domains) are passed over.
 * @param open the file's text from its beginning. It is read twice, since members and managers are named by their place in
 *   the tree, and may stand behind who refers to them.
 */
export async function* readLdif(open: () => AsyncIterable<string>, schemas: ResourceSchemas): AsyncGenerator<Row> {
  const names = await namesByDn(open());
  const nameOf = (dn: string) => names.get(foldDn(dn)) ?? firstOfDn(dn) ?? dn;
  const kind: Kind = schemas.type === 'User' ? 'users' : 'groups';
  for await (const entry of ldifEntries(open())) {
    const { line, attributes, problem } = entry;
    if (problem !== undefined) yield unreadable(line, problem);
    else if (attributes.get('objectclass')?.some((name) => kindOfClass(name) === kind))
      yield {
        line,
        wish: wishFromRecord(schemas, schemas.type === 'User' ? toUser(entry, schemas, nameOf) : toGroup(entry, nameOf)),
      };
  }
}

/** Only of entries that are not called by the first part of their DN: the others are told by it. */
async function namesByDn(text: AsyncIterable<string>): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for await (const { dn, attributes } of ldifEntries(text)) {
    const name = userNameOf(attributes) ?? first(attributes, 'cn');
    if (name !== undefined && name !== firstOfDn(dn)) names.set(foldDn(dn), name);
  }
  return names;
}

type Attributes = LdifEntry['attributes'];

function first(attributes: Attributes, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = attributes.get(name)?.find((candidate) => candidate !== '');
    if (value !== undefined) return value;
  }
  return undefined;
}

function userNameOf(attributes: Attributes): string | undefined {
  return first(attributes, 'uid', 'userprincipalname', 'samaccountname', 'mail');
}

function toUser({ attributes }: LdifEntry, schemas: ResourceSchemas, nameOf: (dn: string) => string): Record<string, unknown> {
  const one = (...names: string[]) => first(attributes, ...names);
  const manager = one('manager');
  const [urn] = managerKeys(schemas) ?? [];
  const enterprise = assigned({
    employeeNumber: one('employeenumber', 'employeeid'),
    department: one('departmentnumber', 'department', 'ou'),
    organization: one('o', 'company'),
    division: one('division'),
    manager: manager && { value: nameOf(manager) },
  });
  const address = assigned({
    streetAddress: one('street', 'streetaddress'),
    locality: one('l'),
    region: one('st'),
    postalCode: one('postalcode'),
    country: one('c', 'co'),
    formatted: one('postaladdress')?.replaceAll('$', '\n'),
  });
  return assigned({
    userName: userNameOf(attributes),
    externalId: one('entryuuid'),
    name: assigned({
      givenName: one('givenname', 'gn'),
      familyName: one('sn', 'surname'),
      formatted: one('cn', 'commonname'),
      honorificPrefix: one('personaltitle'),
      honorificSuffix: one('generationqualifier'),
    }),
    displayName: one('displayname', 'cn', 'commonname'),
    title: one('title'),
    userType: one('employeetype'),
    preferredLanguage: one('preferredlanguage'),
    profileUrl: one('labeleduri')?.split(' ', 1)[0],
    emails: elements(attributes, [['work', 'mail', 'rfc822mailbox']]),
    phoneNumbers: elements(attributes, [
      ['work', 'telephonenumber'],
      ['mobile', 'mobile', 'mobiletelephonenumber'],
      ['home', 'homephone', 'hometelephonenumber'],
      ['fax', 'facsimiletelephonenumber', 'fax'],
      ['pager', 'pager', 'pagertelephonenumber'],
    ]),
    addresses: Object.keys(address).length > 0 ? [{ ...address, type: 'work' }] : undefined,
    ...(urn !== undefined && { [urn]: enterprise }),
  });
}

function toGroup({ attributes }: LdifEntry, nameOf: (dn: string) => string): Record<string, unknown> {
  const members = [...(attributes.get('member') ?? []), ...(attributes.get('uniquemember') ?? [])].filter((dn) => dn !== '');
  const names = [...members.map(nameOf), ...(attributes.get('memberuid') ?? [])];
  return assigned({
    displayName: first(attributes, 'displayname', 'cn'),
    externalId: first(attributes, 'entryuuid'),
    members: [...new Set(names)].map((userName) => ({ userName })),
  });
}

/** The values of some LDAP attributes as elements with a type. */
function elements(
  attributes: Attributes,
  sources: readonly (readonly [type: string, ...names: string[]])[],
): object[] | undefined {
  const list = sources.flatMap(([type, ...names]) =>
    names.flatMap((name) => attributes.get(name) ?? []).map((value) => ({ value, type })),
  );
  return list.length > 0 ? list.filter(({ value }) => value !== '') : undefined;
}

function assigned(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== ''));
}
