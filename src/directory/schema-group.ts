import type { Attribute } from './schema.ts';
import { attribute, commonAttributes, complex, readOnly } from './schema-parts.ts';

/** The attributes of the core Group schema, RFC 7643 §4.2 and §8.7.1. */
export const groupAttributes: Attribute[] = [
  ...commonAttributes,
  attribute('displayName', 'A human-readable name for the group. Required.', { required: true }),
  complex(
    'members',
    'The members of the group: users, and groups whose members belong to it indirectly.',
    [
      attribute('value', 'The id of the member.', { mutability: 'immutable', caseExact: true, required: true }),
      attribute('$ref', 'The URI of the member. Derived, never written.', {
        ...readOnly,
        type: 'reference',
        referenceTypes: ['User', 'Group'],
        caseExact: true,
      }),
      attribute('display', 'The name of the member. Derived, never written.', readOnly),
      attribute('type', 'Whether the member is a user or a group. Derived, never written.', {
        ...readOnly,
        canonicalValues: ['User', 'Group'],
      }),
    ],
    { multiValued: true },
  ),
];
