import type { Attribute } from './schema.ts';

export type Options = Partial<Omit<Attribute, 'name' | 'description'>>;

/** An attribute with the defaults of RFC 7643 §2.2. */
export function attribute(name: string, description: string, options: Options = {}): Attribute {
  return {
    name,
    description,
    type: 'string',
    multiValued: false,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...options,
  };
}

export function complex(name: string, description: string, subAttributes: Attribute[], options: Options = {}): Attribute {
  return attribute(name, description, { type: 'complex', subAttributes, ...options });
}

/** A multi-valued attribute with the default sub-attributes of RFC 7643 §2.4. */
export function plural(name: string, description: string, value: Options, types: string[], options: Options = {}): Attribute {
  return complex(
    name,
    description,
    [
      attribute('value', 'The value itself.', value),
      attribute('display', 'A human-readable name, primarily used for display purposes.'),
      attribute('type', "A label indicating the attribute's function.", types.length > 0 ? { canonicalValues: types } : {}),
      attribute('primary', 'Indicates the preferred value. True appears at most once.', { type: 'boolean' }),
    ],
    { multiValued: true, ...options },
  );
}

export const readOnly: Options = { mutability: 'readOnly' };

/** `id` and `externalId`, which every resource has (RFC 7643 §3.1). */
export const commonAttributes: Attribute[] = [
  attribute('id', 'A unique identifier for the resource, issued by the directory.', {
    ...readOnly,
    caseExact: true,
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute('externalId', 'An identifier for the resource as defined by the provisioning client.', { caseExact: true }),
];

/** `schemas` and `meta`, which each door writes in its own form, and which can be filtered and projected (RFC 7643 §3). */
export const frameAttributes: Attribute[] = [
  attribute('schemas', 'The URIs of the schemas that the resource has attributes of.', {
    type: 'reference',
    referenceTypes: ['uri'],
    caseExact: true,
    multiValued: true,
    required: true,
    returned: 'always',
  }),
  complex(
    'meta',
    'What the directory knows about the resource.',
    [
      attribute('resourceType', 'The name of the resource type.', { ...readOnly, caseExact: true }),
      attribute('created', 'When the resource was created.', { ...readOnly, type: 'dateTime' }),
      attribute('lastModified', 'When the resource was last changed.', { ...readOnly, type: 'dateTime' }),
      attribute('location', 'The URI of the resource.', {
        ...readOnly,
        type: 'reference',
        referenceTypes: ['uri'],
        caseExact: true,
      }),
      attribute('version', 'The version of the resource.', { ...readOnly, caseExact: true }),
    ],
    readOnly,
  ),
];
