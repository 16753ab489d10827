import { isComplex, type Attribute, type Author, type Json, type ResourceType, type Schema } from '../directory/pure.ts';
import { spell, textOf } from './attribute-text.ts';

/** What people call the attributes; those not named here are called by their SCIM name, spelt out. */
const labels: Record<string, string> = {
  userName: 'User name',
  displayName: 'Display name',
  nickName: 'Nickname',
  profileUrl: 'Web page',
  title: 'Job title',
  userType: 'Kind of employment',
  preferredLanguage: 'Preferred language',
  locale: 'Region format',
  timezone: 'Time zone',
  active: 'Active',
  externalId: 'External ID',
  emails: 'Email addresses',
  phoneNumbers: 'Phone numbers',
  ims: 'Chat addresses',
  photos: 'Photos',
  addresses: 'Addresses',
  entitlements: 'Entitlements',
  roles: 'Roles',
  x509Certificates: 'Certificates',
  'name.formatted': 'Full name',
  'name.familyName': 'Family name',
  'name.givenName': 'Given name',
  'name.middleName': 'Middle name',
  'name.honorificPrefix': 'Title before the name',
  'name.honorificSuffix': 'Suffix after the name',
  owners: 'Owners',
  agentType: 'Kind of client',
  subject: 'Name in other tokens',
  employeeNumber: 'Employee number',
  organization: 'Organisation',
  costCenter: 'Cost centre',
  'manager.value': 'Manager',
  'manager.displayName': 'Name of the manager',
  'manager.$ref': 'Address of the manager',
  streetAddress: 'Street',
  locality: 'City',
  postalCode: 'Postal code',
};

/** What one value of a multi-valued attribute is called. */
const singular: Record<string, string> = {
  owners: 'Owner',
  protocols: 'Protocol',
  emails: 'Email address',
  phoneNumbers: 'Phone number',
  ims: 'Chat address',
  photos: 'Photo',
  addresses: 'Address',
  entitlements: 'Entitlement',
  roles: 'Role',
  x509Certificates: 'Certificate',
};

/** The tenant's own schemas, in which an attribute's label stands. */
const own = new Map<string, Schema>();

/** Takes note of the schemas of the tenant on screen, so that labelOf knows what is called how in them. */
export function learnSchemas(schemas: readonly Schema[]): void {
  for (const schema of schemas) own.set(schema.id, schema);
}

/** @param path of a multi-valued attribute of the standard. */
export function labelOfOne(path: string): string {
  return singular[path] ?? labelOf(path);
}

const ownPath = /^([\w$-]+)(?:\[\w+ eq "?(.*?)"?\])?(?:\.([\w$-]+))?$/;

/** @param path a SCIM path, as differences name it. */
export function labelOf(path: string): string {
  const schema = [...own.values()].find(({ id }) => path.startsWith(`${id}:`));
  if (schema) return labelIn(schema.attributes, path.slice(schema.id.length + 1));
  const named = own.get(path);
  if (named) return named.name;
  // Of an extension that is not there any more, too.
  const bare = path.replace(/^urn:(?:[^:["]*:)+/, '');
  const known = labels[bare];
  if (known !== undefined) return known;
  const [, attribute = bare, filter, sub] = /^(\w+)\[\w+ eq "?(.*?)"?\](?:\.(\w+))?$/.exec(bare) ?? [];
  // The person whose id it is, is the value.
  if (attribute === 'owners' && filter !== undefined) return labelOfOne(attribute);
  if (filter !== undefined) {
    return `${labelOfOne(attribute)} (${filter})${sub === undefined || sub === 'value' ? '' : `, ${(labels[sub] ?? spell(sub)).toLowerCase()}`}`;
  }
  if (bare.endsWith('.primary')) return `Primary of ${(labels[bare.slice(0, -8)] ?? spell(bare.slice(0, -8))).toLowerCase()}`;
  const last = bare.split('.').at(-1) ?? bare;
  return labels[last] ?? spell(last);
}

function labelIn(attributes: readonly Attribute[], bare: string): string {
  const [, name = bare, filter, sub] = ownPath.exec(bare) ?? [];
  const attribute = attributes.find((each) => each.name === name) ?? { name, description: '' };
  const part = 'subAttributes' in attribute ? attribute.subAttributes?.find((each) => each.name === sub) : undefined;
  const label = `${textOf(attribute).label}${filter === undefined ? '' : ` (${filter})`}`;
  return sub === undefined ? label : `${label}: ${textOf(part ?? { name: sub, description: '' }).label.toLowerCase()}`;
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

export function ago(at: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  if (seconds > -10) return 'just now';
  if (seconds > -60) return relative.format(seconds, 'second');
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), 'minute');
  if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86_400), 'day');
}

export function exactTime(at: string): string {
  return exact.format(new Date(at));
}

/** What a sentence calls a resource of a type: the one, and one of them. */
export const typeWords: Record<ResourceType, { this: string; one: string }> = {
  User: { this: 'this person', one: 'a person' },
  Group: { this: 'this group', one: 'a group' },
  Agent: { this: 'this client', one: 'a client' },
};

/** An author in the middle of a sentence. */
export function byName(author: Author): string {
  const name = authorName(author);
  return name === 'You' ? 'you' : name;
}

/** What the directory found wrong, without what only a program can follow. */
export function issueText(message: string): string {
  return message.replace(/^Is required and missing\..*$/, 'Is needed.').replace(/ Send .*$/, '');
}

export function authorName({ name, id, door }: Author): string {
  return id === 'administrator' && door === 'window' ? 'You' : name;
}

/** "title, department and 2 more" */
export function listOf(names: readonly string[], max = 3): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, max);
  if (unique.length > max) return `${shown.join(', ')} and ${unique.length - max} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** A value as a person reads it in a comparison. */
export function valueText(value: Json | undefined): string {
  if (value === undefined || value === '') return '(empty)';
  if (value === true) return 'Yes';
  if (value === false) return 'No';
  if (isComplex(value) && value['value'] !== undefined) return valueText(value['value']);
  if (isComplex(value))
    return listText(Object.entries(value).flatMap(([name, part]) => (name === 'type' || name === 'primary' ? [] : [part])));
  if (Array.isArray(value)) return listText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function listText(values: readonly Json[]): string {
  return values.length === 0 ? '(empty)' : values.map(valueText).join(', ');
}
