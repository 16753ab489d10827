import { isComplex } from './elements.ts';
import type { Json, Resource } from './resource.ts';

/** What a person calls a resource: the display name, else the full name, else the user name. Empty only for a draft without any. */
export function nameOf(resource: Resource): string {
  return text(resource['displayName']) || fullNameOf(resource) || text(resource['userName']);
}

/** The full name as it is formatted, else made of its parts; of an agent, its name. Empty where there is none. */
export function fullNameOf({ name }: Resource): string {
  if (typeof name === 'string') return name;
  if (!isComplex(name)) return '';
  return text(name['formatted']) || [text(name['givenName']), text(name['familyName'])].filter(Boolean).join(' ');
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
