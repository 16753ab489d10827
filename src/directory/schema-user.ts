import type { Attribute } from './schema.ts';
import { attribute, commonAttributes, complex, plural, readOnly } from './schema-parts.ts';

/** The attributes of the core User schema, RFC 7643 §4.1 and §8.7.1. */
export const userAttributes: Attribute[] = [
  ...commonAttributes,
  attribute('userName', 'Unique identifier for the user, typically used to sign in. Required, caseless.', {
    required: true,
    uniqueness: 'server',
  }),
  complex('name', "The components of the user's name.", [
    attribute('formatted', 'The full name, formatted for display, for example "Ms. Barbara J Jensen, III".'),
    attribute('familyName', 'The family name, or last name in most Western languages.'),
    attribute('givenName', 'The given name, or first name in most Western languages.'),
    attribute('middleName', 'The middle name(s).'),
    attribute('honorificPrefix', 'The honorific prefix(es), or title, for example "Ms.".'),
    attribute('honorificSuffix', 'The honorific suffix(es), for example "III".'),
  ]),
  attribute('displayName', 'The name of the user, suitable for display to end users.'),
  attribute('nickName', 'The casual way to address the user, for example "Bob" for "Robert".'),
  attribute('profileUrl', "A URL of a page that represents the user's online profile.", {
    type: 'reference',
    referenceTypes: ['external'],
    caseExact: true,
  }),
  attribute('title', 'The user\'s title, for example "Vice President".'),
  attribute('userType', 'The relationship between organization and user, for example "Contractor" or "Employee".'),
  attribute('preferredLanguage', 'The preferred written or spoken languages, as in an Accept-Language header.'),
  attribute('locale', 'The default location for localizing currency, dates and numbers, for example "en-US".'),
  attribute('timezone', 'The user\'s time zone in IANA form, for example "America/Los_Angeles".'),
  attribute('active', 'Whether the user may sign in and use services.', { type: 'boolean' }),
  attribute('password', "The user's password. Only ever written; the directory stores a memory-hard hash.", {
    mutability: 'writeOnly',
    returned: 'never',
    caseExact: true,
  }),
  plural('emails', 'Email addresses for the user.', {}, ['work', 'home', 'other']),
  plural('phoneNumbers', 'Phone numbers for the user.', {}, ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
  plural('ims', 'Instant messaging addresses for the user.', {}, ['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo']),
  plural('photos', 'URLs of photos of the user.', { type: 'reference', referenceTypes: ['external'], caseExact: true }, [
    'photo',
    'thumbnail',
  ]),
  complex(
    'addresses',
    'Physical mailing addresses for the user.',
    [
      attribute('formatted', 'The full mailing address, formatted for display.'),
      attribute('streetAddress', 'The full street address.'),
      attribute('locality', 'The city or locality.'),
      attribute('region', 'The state or region.'),
      attribute('postalCode', 'The zip code or postal code.'),
      attribute('country', 'The country name, as an ISO 3166-1 alpha-2 code.'),
      attribute('type', "A label indicating the attribute's function.", { canonicalValues: ['work', 'home', 'other'] }),
      attribute('primary', 'Indicates the preferred value. True appears at most once.', { type: 'boolean' }),
    ],
    { multiValued: true },
  ),
  complex(
    'groups',
    'The groups that the user belongs to. Derived from the groups, never written.',
    [
      attribute('value', 'The identifier of the group.', readOnly),
      attribute('$ref', 'The URI of the group.', { ...readOnly, type: 'reference', referenceTypes: ['Group'] }),
      attribute('display', 'The name of the group.', readOnly),
      attribute('type', 'Direct or indirect membership.', { ...readOnly, canonicalValues: ['direct', 'indirect'] }),
    ],
    { multiValued: true, ...readOnly },
  ),
  plural('entitlements', 'Things that the user has, as a list.', {}, []),
  plural('roles', 'Roles that collectively represent who the user is, for example "Student" or "Faculty".', {}, []),
  plural('x509Certificates', 'Certificates issued to the user, in DER form and base64.', { type: 'binary', caseExact: true }, []),
];

/** The attributes of the enterprise extension, RFC 7643 §4.3 and §8.7.1. */
export const enterpriseUserAttributes: Attribute[] = [
  attribute('employeeNumber', 'An identifier that the organization assigned to the person.'),
  attribute('costCenter', 'The name of a cost center.'),
  attribute('organization', 'The name of an organization.'),
  attribute('division', 'The name of a division.'),
  attribute('department', 'The name of a department.'),
  complex('manager', "The user's manager.", [
    attribute('value', 'The id of the user who is the manager.', { caseExact: true }),
    // RFC 7643 §8.7.1 lets it be written; here the value alone says who it is, so that the two cannot disagree.
    attribute('$ref', 'The URI of the manager. Derived, never written.', {
      ...readOnly,
      type: 'reference',
      referenceTypes: ['User'],
      caseExact: true,
    }),
    attribute('displayName', 'The display name of the manager. Derived, never written.', readOnly),
  ]),
];
