import { isComplex } from './elements.ts';
import type { Complex, Json } from './resource.ts';
import { findAttribute, type Attribute } from './schema.ts';

/**
 * What makes an element the same as another one: its value and its type; of an element without a value (an address), all that
 * it has but `primary`. Text is compared caselessly unless the attribute is `caseExact`.
 */
export function identityOf(attribute: Attribute, element: Json): string {
  if (!isComplex(element)) return JSON.stringify(folded(attribute, element));
  return JSON.stringify(identifying(element).map((name) => [name, partOf(attribute, element, name)]));
}

/** @returns the element without what identityOf compares. */
export function withoutIdentity(element: Complex): Complex {
  const names = new Set(identifying(element));
  return Object.fromEntries(Object.entries(element).filter(([name]) => !names.has(name)));
}

/**
 * Takes those elements from a list that a client describes, as Entra ID does in `remove` with a value: by their value, and
 * by their type if it is given; without a value, by all that is given.
 */
export function withoutDescribed(attribute: Attribute, elements: readonly Json[], described: readonly Json[]): Json[] {
  const valueOf = (element: Json): Json | undefined =>
    isComplex(element) ? partOf(attribute, element, 'value') : folded(attribute, element);
  const byValue = Map.groupBy(described, valueOf);
  return elements.filter((element) => {
    const candidates = [...(byValue.get(valueOf(element)) ?? []), ...(byValue.get(undefined) ?? [])];
    return !candidates.some((candidate) => describes(attribute, candidate, element));
  });
}

function describes(attribute: Attribute, candidate: Json, element: Json): boolean {
  if (!isComplex(candidate) || !isComplex(element)) return true;
  const names = identifying(candidate).filter((name) => candidate[name] !== undefined);
  return names.every((name) => partOf(attribute, candidate, name) === partOf(attribute, element, name));
}

function identifying(element: Complex): string[] {
  if (element['value'] !== undefined) return ['value', 'type'];
  const names = Object.keys(element).filter((name) => name !== 'primary');
  return names.toSorted();
}

function partOf(attribute: Attribute, element: Complex, name: string): Json | undefined {
  const sub = findAttribute(attribute.subAttributes ?? [], name);
  return sub && folded(sub, element[name]);
}

function folded({ caseExact }: Attribute, value: Json | undefined): Json | undefined {
  return typeof value === 'string' && !caseExact ? value.toLowerCase() : value;
}
