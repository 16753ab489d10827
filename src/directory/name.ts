import { isComplex } from './elements.ts';
import type { Json, Resource } from './resource.ts';

/** What a person calls a user: the display name, else the full name, else the user name. Empty only for a draft without any. */
export function nameOf(resource: Resource): string {
  return text(resource['displayName']) || fullNameOf(resource) || text(resource['userName']);
}

/** The full name as it is formatted, else made of its parts; empty where there is none. */
export function fullNameOf({ name }: Resource): string {
  if (!isComplex(name)) return '';
  return text(name['formatted']) || [text(name['givenName']), text(name['familyName'])].filter(Boolean).join(' ');
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
