import {
  merge,
  type Attribute,
  type Json,
  type Resource,
  type MemberType,
  type Schema,
  type Side,
} from '../../directory/pure.ts';
import { descriptionOf, textOf } from '../attribute-text.ts';

/** One field as it is defined in the form. */
export interface FieldForm {
  /** Tells rows apart while they are named and moved. */
  key: string;
  label: string;
  help: string;
  /** What programs call it; absent while it follows the label. */
  name?: string;
  type: Attribute['type'];
  multiValued: boolean;
  required: boolean;
  caseExact: boolean;
  /** Values that are suggested. */
  choices: string[];
  referenceTypes?: string[];
  /** Of a complex field. */
  parts: FieldForm[];
}

/** A section of extra fields, which is an extension schema, as it is defined in the form. */
export interface SectionForm {
  /** The URN; absent while it follows the name. */
  id?: string;
  name: string;
  description: string;
  fields: FieldForm[];
}

const nameMax = 64;

/** @returns an empty field. */
export function newField(): FieldForm {
  const key = crypto.randomUUID();
  const usual = { type: 'string', multiValued: false, required: false, caseExact: false } as const;
  return { key, label: '', help: '', ...usual, choices: [], parts: [] };
}

/** @returns what a label suggests that programs call it: letters and digits in camel case; '' where it has none. */
export function suggestName(label: string): string {
  const words = plain(label).split(/[^A-Za-z0-9]+/);
  const [first = '', ...rest] = words.filter((word) => word !== '');
  const name = first.toLowerCase() + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()).join('');
  return (/^\d/.test(name) ? `n${name}` : name).slice(0, nameMax);
}

/** @returns the URN that a section's name suggests. */
export function suggestUrn(tenant: string, type: MemberType, name: string): string {
  const slug = plain(name)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return `urn:tandem:${tenant}:${slug.slice(0, 60) || 'fields'}:2.0:${type}`;
}

function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('ß', 'ss');
}

/** @returns what programs call a field. */
export function nameOfField({ name, label }: FieldForm): string {
  return name ?? suggestName(label);
}

/** Whether everything that has to be typed is. */
export function isComplete({ name, fields }: SectionForm): boolean {
  const named = ({ label, type, parts }: FieldForm): boolean =>
    label.trim() !== '' && (type !== 'complex' || (parts.length > 0 && parts.every(named)));
  return name.trim() !== '' && fields.length > 0 && fields.every(named);
}

/** @returns the schema that a form defines. */
export function toSchema(form: SectionForm, tenant: string, type: MemberType): Schema {
  const { name, description, fields } = form;
  const id = form.id ?? suggestUrn(tenant, type, name);
  return { id, name: name.trim(), description: description.trim(), attributes: fields.map(toAttribute) };
}

function toAttribute(field: FieldForm): Attribute {
  const { type, multiValued, required, caseExact, choices, referenceTypes, parts } = field;
  const name = nameOfField(field);
  return {
    name,
    type,
    multiValued,
    description: descriptionOf(name, { label: field.label.trim(), help: field.help.trim() }),
    required,
    caseExact,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...(type === 'string' && choices.length > 0 && { canonicalValues: choices }),
    ...(type === 'reference' && referenceTypes && { referenceTypes }),
    ...(type === 'complex' && { subAttributes: parts.map(toAttribute) }),
  };
}

/** @returns the form of a schema, from which toSchema makes the same again. */
export function fromSchema({ id, name, description, attributes }: Schema): SectionForm {
  return { id, name, description, fields: attributes.map(fromAttribute) };
}

function fromAttribute(attribute: Attribute): FieldForm {
  const { name, type, multiValued, required, caseExact, canonicalValues, referenceTypes, subAttributes = [] } = attribute;
  return {
    key: crypto.randomUUID(),
    ...textOf(attribute),
    name,
    type,
    multiValued,
    required,
    caseExact,
    choices: canonicalValues ?? [],
    ...(referenceTypes && { referenceTypes }),
    parts: subAttributes.map(fromAttribute),
  };
}

/** Two changes of one section brought together, and the fields that both changed, each in its own way. */
export interface MergedSection {
  merged: Schema;
  /** Names of attributes; `name` and `description` of the section stand as they are. */
  collisions: { attribute?: string; part: string }[];
}

/**
 * Merges two changes of one schema, field by field.
 * @param base what both began from.
 * @param side whose definition counts where both changed the same field.
 */
export function mergeSchemas(base: Schema, mine: Schema, theirs: Schema, side: Side): MergedSection {
  const { merged, collisions } = merge(toRecord(base), toRecord(mine), toRecord(theirs), () => side);
  const fields = (merged['fields'] ?? {}) as unknown as Record<string, Attribute>;
  const order = [...new Set([...mine.attributes, ...theirs.attributes].map(({ name }) => name))];
  const attributes = order.flatMap((name) => fields[name] ?? []);
  return {
    merged: {
      id: theirs.id,
      name: merged['name'] as string,
      description: (merged['description'] as string | undefined) ?? '',
      attributes,
    },
    collisions: collisions.map(({ path }) =>
      path.startsWith('fields.') ? { attribute: path.slice('fields.'.length), part: 'fields' } : { part: path },
    ),
  };
}

/** As the merge of records takes it: with the attributes by their names. */
function toRecord({ name, description, attributes }: Schema): Resource {
  const fields = Object.fromEntries(attributes.map((attribute) => [attribute.name, attribute as unknown as Json]));
  return { schemas: [], id: '', name, description, fields };
}

/** Where in the form something is wrong. */
export interface Place {
  field?: number | undefined;
  part?: number | undefined;
  /** The member of the definition, for example `name`. */
  member: string;
}

/** @param path as the check of a definition names it, for example `attributes[0].subAttributes[1].name`. */
export function placeOf(path: string): Place {
  const match = /^attributes\[(\d+)\](?:\.subAttributes\[(\d+)\])?(?:\.(\w+))?/.exec(path);
  if (!match) return { member: path };
  const [, field, part, member = 'name'] = match;
  return { field: Number(field), ...(part !== undefined && { part: Number(part) }), member };
}
