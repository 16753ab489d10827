import type { Attribute } from '../directory/pure.ts';

/** What people read of an attribute of a tenant's own. */
export interface AttributeText {
  label: string;
  /** A sentence or two about it; '' for none. */
  help: string;
}

const labelMax = 60;

/** @returns a name in words: `badgeNumber` is “Badge number”. */
export function spell(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * SCIM has no label beside an attribute's description, which is there for people to read (RFC 7643 §7): its first line is
 * taken as the label where it is no sentence, and the name in words where it is one. The rest is help.
 */
export function textOf({ name, description }: Pick<Attribute, 'name' | 'description'>): AttributeText {
  const [first = '', ...rest] = description.split('\n');
  const isLabel = first.trim() !== '' && first.length <= labelMax && !/[.!?:;…]$/.test(first.trim());
  return isLabel ? { label: first.trim(), help: rest.join('\n').trim() } : { label: spell(name), help: description.trim() };
}

/** @returns the description from which textOf reads the same again. */
export function descriptionOf(name: string, { label, help }: AttributeText): string {
  const usual = textOf({ name, description: help });
  if (usual.label === label && usual.help === help) return help;
  return help === '' ? label : `${label}\n${help}`;
}
