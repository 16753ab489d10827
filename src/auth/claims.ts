import { isComplex, nameOf, type Complex, type Json, type Versioned } from '../directory/index.ts';

/** What an app may ask to know of the person who signs in, each with its claims (OpenID Connect Core §5.4; `groups` by custom). */
export const identityClaims = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'locale',
    'zoneinfo',
    'updated_at',
  ],
  email: ['email'],
  phone: ['phone_number'],
  address: ['address'],
  groups: ['groups'],
} as const;
export type IdentityScope = keyof typeof identityClaims;
export const identityScopes = Object.keys(identityClaims) as IdentityScope[];

/**
 * The claims of a person (OpenID Connect Core §5.1), from the SCIM record (RFC 7643 §4.1). What the record does not have is left
 * out; so is whether an address was verified, which a record does not say.
 */
export function claimsOf({ resource, lastModified }: Pick<Versioned, 'resource' | 'lastModified'>): Record<string, Json> {
  const name = isComplex(resource['name']) ? resource['name'] : {};
  const address = primaryOf(resource['addresses']);
  return present({
    name: nameOf(resource),
    given_name: name['givenName'],
    family_name: name['familyName'],
    middle_name: name['middleName'],
    nickname: resource['nickName'],
    preferred_username: resource['userName'],
    profile: resource['profileUrl'],
    picture: primaryOf(resource['photos'])?.['value'],
    locale: resource['locale'] ?? resource['preferredLanguage'],
    zoneinfo: resource['timezone'],
    updated_at: Math.floor(Date.parse(lastModified) / 1000),
    email: primaryOf(resource['emails'])?.['value'],
    phone_number: primaryOf(resource['phoneNumbers'])?.['value'],
    address:
      address &&
      present({
        formatted: address['formatted'],
        street_address: address['streetAddress'],
        locality: address['locality'],
        region: address['region'],
        postal_code: address['postalCode'],
        country: address['country'],
      }),
  });
}

/** Of several values the primary one, else the first. */
function primaryOf(values: Json | undefined): Complex | undefined {
  const list = Array.isArray(values) ? values.filter(isComplex) : [];
  return list.find(({ primary }) => primary === true) ?? list[0];
}

function present(claims: Record<string, Json | undefined>): Record<string, Json> {
  const found: Record<string, Json> = {};
  for (const [name, value] of Object.entries(claims))
    if (value !== undefined && value !== null && value !== '') found[name] = value;
  return found;
}
