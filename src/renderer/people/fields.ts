import type { Attribute, ResourceSchemas } from '../../directory/pure.ts';
import { labelOf } from '../words.ts';

/** One value of a person that can be filtered by, shown in a column or changed for many at once. */
export interface Field {
  /** SCIM path, for example `title`, `name.familyName`, `emails.value` or `urn:…:User:department`. */
  path: string;
  /** Keys from the record to the attribute; of a list, to the list. */
  keys: readonly string[];
  /** What people call it. */
  label: string;
  /** The heading under which it is offered. */
  section: string;
  kind: FieldKind;
  /** Usual values. */
  choices: readonly string[];
  /** Where it is a part of the elements of a list, such as `emails`. */
  list?: { path: string; part: string; types: readonly string[] };
  /** Whether the same value makes sense for many people. */
  changeable: boolean;
  /** Whether the record has it; the groups of a person are kept elsewhere. */
  stored: boolean;
}

/** `person` and `group` are ids, which people choose by name. */
export type FieldKind = 'text' | 'boolean' | 'date' | 'number' | 'person' | 'group';

/** In this order; an attribute that is not here comes under “More”, a tenant's own under the name of its schema. */
const sections: Record<string, readonly string[]> = {
  Name: ['displayName', 'name', 'nickName'],
  Contact: ['emails', 'phoneNumbers', 'addresses', 'ims', 'profileUrl'],
  Organisation: [
    'title',
    'department',
    'manager',
    'division',
    'organization',
    'costCenter',
    'employeeNumber',
    'userType',
    'groups',
    'roles',
    'entitlements',
  ],
  Account: ['userName', 'active', 'externalId', 'preferredLanguage', 'locale', 'timezone', 'lastModified', 'created'],
};
const enterpriseUser = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const hidden = new Set(['id', 'schemas', 'password', 'x509Certificates', 'photos', 'meta']);
const hiddenParts = new Set(['$ref', 'display', 'displayName', 'primary', 'type']);
/** What belongs to one person alone. */
const personal = new Set(['userName', 'externalId', 'displayName', 'name', 'nickName', 'employeeNumber', 'profileUrl']);

/** @returns everything of a person that has a single value or is a list, in the order in which it is offered. */
export function fieldsOf(schemas: ResourceSchemas): Field[] {
  const core = schemas.core.attributes.flatMap((attribute) => fieldsIn(attribute, '', [], undefined));
  const extended = schemas.extensions.flatMap(({ id, name, attributes }) =>
    attributes.flatMap((attribute) => fieldsIn(attribute, `${id}:`, [id], id === enterpriseUser ? undefined : name)),
  );
  const found = [...core, ...times, ...extended];
  const order = [...new Set([...Object.keys(sections), ...found.map(({ section }) => section)])];
  const last = order.filter((section) => section !== 'More').concat('More');
  const rank = ({ path, section }: Field) => sections[section]?.findIndex((name) => lastName(path).split('.')[0] === name) ?? 0;
  return found.toSorted((a, b) => last.indexOf(a.section) - last.indexOf(b.section) || rank(a) - rank(b));
}

const times = [
  { name: 'lastModified', label: 'Last changed' },
  { name: 'created', label: 'Added' },
].map(({ name, label }): Field => ({
  path: `meta.${name}`,
  keys: ['meta', name],
  label,
  section: 'Account',
  kind: 'date',
  choices: [],
  changeable: false,
  stored: true,
}));

function fieldsIn(attribute: Attribute, prefix: string, above: readonly string[], schema: string | undefined): Field[] {
  const { name, subAttributes = [], multiValued, mutability, returned } = attribute;
  if (hidden.has(name) || returned === 'never') return [];
  if (mutability === 'readOnly' && name !== 'groups') return [];
  const path = `${prefix}${name}`;
  const keys = [...above, name];
  const section = schema ?? Object.entries(sections).find(([, names]) => names.includes(name))?.[0] ?? 'More';
  const common = { section, stored: name !== 'groups' };
  const changeable = common.stored && mutability === 'readWrite' && !personal.has(name);
  if (attribute.type !== 'complex')
    return [{ ...common, ...simple(attribute), path, keys, label: labelOf(path), changeable: changeable && !multiValued }];
  const refers = subAttributes.find(({ name }) => name === '$ref')?.referenceTypes?.[0];
  const kind = refers === 'User' ? 'person' : refers === 'Group' ? 'group' : undefined;
  const types = subAttributes.find(({ name }) => name === 'type')?.canonicalValues ?? [];
  const isHidden = (part: string) =>
    schema === undefined ? hiddenParts.has(part) : multiValued && (part === 'primary' || (part === 'type' && types.length > 0));
  const parts = subAttributes.filter((part) => !isHidden(part.name) && (part.mutability !== 'readOnly' || kind));
  if (multiValued) {
    const kept = parts.filter(({ name }) => name !== 'formatted');
    return kept.map((part): Field => ({
      ...common,
      ...simple(part),
      ...(kind && { kind }),
      path: `${path}.${part.name}`,
      keys,
      label: part.name === 'value' ? labelOf(path) : labelOfPart(path, part.name, schema !== undefined),
      list: { path, part: part.name, types: kind ? [] : types },
      changeable: changeable && part.name === 'value',
    }));
  }
  return parts.map((part): Field => ({
    ...common,
    ...simple(part),
    ...(kind && { kind }),
    path: `${path}.${part.name}`,
    // A reference is written whole, so that nothing of the person before stays.
    keys: kind ? keys : [...keys, part.name],
    label: part.name === 'value' ? labelOf(name === 'manager' ? 'manager.value' : path) : labelOf(`${path}.${part.name}`),
    changeable,
  }));
}

/** “City (addresses)”, “Parking: level”. */
function labelOfPart(path: string, part: string, own: boolean): string {
  return own ? labelOf(`${path}.${part}`) : `${labelOf(part)} (${labelOf(path).toLowerCase()})`;
}

function simple({ type, canonicalValues = [] }: Attribute): Pick<Field, 'kind' | 'choices'> {
  const kinds: Partial<Record<Attribute['type'], FieldKind>> = {
    boolean: 'boolean',
    dateTime: 'date',
    integer: 'number',
    decimal: 'number',
  };
  return { kind: kinds[type] ?? 'text', choices: canonicalValues };
}

/** @returns a path without the URN of its schema. */
function lastName(path: string): string {
  const name = path.slice(path.lastIndexOf(':') + 1);
  return name.startsWith('meta.') ? name.slice('meta.'.length) : name;
}

/** Groups fields by section, as Mantine's Select takes its options. */
export function optionsOf(fields: readonly Field[]): { group: string; items: { value: string; label: string }[] }[] {
  const sections = [...new Set(fields.map(({ section }) => section))];
  return sections.map((group) => ({
    group,
    items: fields.filter(({ section }) => section === group).map(({ path: value, label }) => ({ value, label })),
  }));
}
