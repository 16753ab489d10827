import { groupSchemas, userSchemas, type Attribute, type ResourceSchemas, type Schema } from '../../directory/pure.ts';
import { isOwn } from '../use-schemas.ts';

/** One field of a form. */
export interface FormField {
  attribute: Attribute;
  /** SCIM path. */
  path: string;
  /** Keys from the record down. */
  keys: string[];
}

/** Fields under one heading. */
export interface FormSection {
  id: string;
  title: string;
  description: string;
  fields: FormField[];
}

/** In this order; what the standards have beyond it comes last, after the tenant's own. */
const sections: { title: string; paths: string[] }[] = [
  { title: 'Name', paths: ['displayName', 'userName', 'name.givenName', 'name.familyName', 'nickName'] },
  { title: 'Contact', paths: ['emails', 'phoneNumbers', 'addresses'] },
  {
    title: 'Organisation',
    paths: ['title', 'department', 'manager', 'division', 'organization', 'costCenter', 'employeeNumber', 'userType'],
  },
  { title: 'Account', paths: ['active', 'preferredLanguage', 'locale', 'timezone'] },
];
/** Kept by programs, or not shown: their place is the whole record. */
const hidden = new Set(['id', 'password', 'x509Certificates', 'photos', 'groups']);
const enterprise = userSchemas.extensions.map(({ id }) => id);
/** A choice among people, not its parts. */
export const managerPath = `${enterprise[0] ?? ''}:manager`;

const standard: FormField[] = [
  ...userSchemas.core.attributes
    .filter(({ name, mutability }) => mutability !== 'readOnly' && !hidden.has(name))
    .flatMap((attribute) => expand(attribute, attribute.name, [attribute.name])),
  ...userSchemas.extensions.flatMap(fieldsIn),
];
const shortPath = ({ path }: FormField): string => path.slice(path.lastIndexOf(':') + 1);
const named = new Set(sections.flatMap(({ paths }) => paths));
const first = sections.map(({ title, paths }): FormSection => {
  const fields = paths.flatMap((path) => standard.filter((field) => shortPath(field) === path));
  return { id: title, title, description: '', fields };
});
const more: FormSection = {
  id: 'More',
  title: 'More',
  description: '',
  fields: standard.filter((field) => !named.has(shortPath(field))),
};
const group: FormSection = {
  id: 'Group',
  title: '',
  description: '',
  fields: ['displayName', 'externalId'].flatMap((name) =>
    groupSchemas.core.attributes
      .filter((attribute) => attribute.name === name)
      .map((attribute) => ({ attribute, path: name, keys: [name] })),
  ),
};

/** The form of a person: what the standards have, and a section for each extension of the tenant. */
export function personSections(schemas: ResourceSchemas): FormSection[] {
  return [...first, ...ownSections(schemas), more];
}

/** The form of a group. */
export function groupSections(schemas: ResourceSchemas): FormSection[] {
  return [group, ...ownSections(schemas)];
}

/** A section for each extension of the tenant. */
export function ownSections({ extensions }: ResourceSchemas): FormSection[] {
  return extensions
    .filter(isOwn)
    .map((schema) => ({ id: schema.id, title: schema.name, description: schema.description, fields: fieldsIn(schema) }));
}

function fieldsIn({ id, attributes }: Schema): FormField[] {
  return attributes.flatMap((attribute) => expand(attribute, `${id}:${attribute.name}`, [id, attribute.name]));
}

/** A complex attribute with one value is shown as its parts; the manager is one choice. */
function expand(attribute: Attribute, path: string, keys: string[]): FormField[] {
  if (attribute.type !== 'complex' || attribute.multiValued || path === managerPath) return [{ attribute, path, keys }];
  return (attribute.subAttributes ?? []).map((part) => ({
    attribute: part,
    path: `${path}.${part.name}`,
    keys: [...keys, part.name],
  }));
}
