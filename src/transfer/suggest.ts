import type { Attribute, ResourceSchemas } from '../directory/index.ts';
import { columnPath, parseColumn, pathOf } from './columns.ts';

/** What each column of a file is: a path (columns.ts), or `ignore`. */
export type Mapping = Record<string, string>;

const work = (attribute: string, sub = 'value') => `${attribute}[type eq "work"].${sub}`;
const home = (attribute: string, sub = 'value') => `${attribute}[type eq "home"].${sub}`;

/** What people and other programs call columns. In lower case, letters and digits only. */
const userHeaders: Record<string, string> = {
  ...named(
    'userName',
    'user username login loginname loginid logon account accountname samaccountname uid userprincipalname upn',
  ),
  ...named('name.givenName', 'firstname first given forename'),
  ...named('name.familyName', 'lastname last surname family sn'),
  ...named('name.middleName', 'middle initials'),
  ...named('name.honorificPrefix', 'prefix salutation'),
  ...named('name.honorificSuffix', 'suffix'),
  ...named('displayName', 'name fullname commonname cn'),
  ...named('nickName', 'nick preferredname'),
  ...named('title', 'jobtitle position role jobrole'),
  ...named('active', 'enabled accountenabled status isactive'),
  ...named('department', 'dept departmentname team'),
  ...named('organization', 'company companyname organisation employer'),
  ...named('employeeNumber', 'employeeid employee staffid staffnumber personnelnumber personnelno workerid'),
  ...named('costCenter', 'costcentre'),
  ...named('manager', 'managerid manageruser managerusername manageremail managername supervisor reportsto boss linemanager'),
  ...named('externalId', 'external immutableid objectid objectguid sourceid'),
  ...named('userType', 'type employeetype employmenttype'),
  ...named('preferredLanguage', 'language lang'),
  ...named('timezone', 'tz'),
  ...named('profileUrl', 'profile website homepage'),
  ...named(work('emails'), 'email emailaddress mail emailwork workemail workemailaddress businessemail primaryemail emails'),
  ...named(home('emails'), 'homeemail personalemail privateemail secondaryemail emailhome'),
  ...named(work('phoneNumbers'), 'phone telephone phonenumber telephonenumber workphone businessphone officephone phonework tel'),
  ...named('phoneNumbers[type eq "mobile"].value', 'mobile mobilephone mobilenumber cell cellphone phonemobile'),
  ...named(home('phoneNumbers'), 'homephone privatephone phonehome'),
  ...named('phoneNumbers[type eq "fax"].value', 'fax faxnumber'),
  ...named(work('addresses', 'streetAddress'), 'street streetaddress address addressline1'),
  ...named(work('addresses', 'locality'), 'city town locality location'),
  ...named(work('addresses', 'region'), 'state province region stateprovince county'),
  ...named(work('addresses', 'postalCode'), 'zip zipcode postcode postalcode'),
  ...named(work('addresses', 'country'), 'country countrycode c'),
};

const groupHeaders: Record<string, string> = {
  ...named('displayName', 'name group groupname title cn'),
  ...named('externalId', 'external objectid'),
  ...named('members', 'member users people'),
  ...named('members.userName', 'membernames memberusernames'),
  ...named('members.value', 'memberids'),
};

/**
 * Says what each column of a file is most likely about: a SCIM path as it stands, an attribute's name in whatever case
 * and with whatever spaces, or what people usually call it. No attribute is given to two columns.
 * @returns the columns that it knows, and those that it does not.
 */
export function suggestMapping(headers: readonly string[], schemas: ResourceSchemas): { mapping: Mapping; unmapped: string[] } {
  const mapping = new Map<string, string>();
  const taken = new Set<string>();
  const give = (header: string, path: string | undefined) => {
    if (path === undefined || mapping.has(header) || taken.has(path)) return;
    mapping.set(header, path);
    if (path !== 'ignore') taken.add(path);
  };
  const names = schemaNames(schemas);
  const aliases = schemas.type === 'User' ? userHeaders : groupHeaders;
  const known = (path: string | undefined) => {
    const target = path === undefined ? undefined : parseColumn(schemas, path);
    return target && pathOf(schemas, target);
  };
  // Exact paths first, so that they are not taken by a column that only looks alike.
  for (const header of headers) give(header, known(header.trim()));
  for (const header of headers) give(header, names.get(fold(header)));
  for (const header of headers) give(header, known(aliases[fold(header)]));
  return { mapping: Object.fromEntries(mapping), unmapped: headers.filter((header) => header !== '' && !mapping.has(header)) };
}

/** Each path of simple attributes, by its name alone: `familyname`, `costcenter`. */
function schemaNames(schemas: ResourceSchemas): Map<string, string> {
  const names = new Map<string, string>();
  const add = (keys: readonly string[], { name, type, multiValued, subAttributes = [], mutability }: Attribute) => {
    if (multiValued || mutability === 'readOnly') return;
    if (type === 'complex') for (const sub of subAttributes) if (sub.name !== '$ref') add([...keys, name], sub);
    if (type === 'complex' || (keys.length > 0 && name === 'value')) return;
    const path = columnPath(schemas, [...keys, name]);
    for (const called of [fold(name), fold(path)]) if (!names.has(called)) names.set(called, path);
  };
  for (const attribute of schemas.core.attributes) add([], attribute);
  for (const extension of schemas.extensions) for (const attribute of extension.attributes) add([extension.id], attribute);
  // A name's sub-attribute and nothing that is itself called so.
  names.delete('formatted');
  return names;
}

function named(path: string, words: string): Record<string, string> {
  return Object.fromEntries(words.split(' ').map((word) => [word, path]));
}

function fold(header: string): string {
  return header.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
