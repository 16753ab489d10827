import { isComplex, same, withoutPrimary } from './elements.ts';
import { matchesElement } from './filter-match.ts';
import { limits } from './limits.ts';
import { identityOf, withoutDescribed, withoutIdentity } from './patch-elements.ts';
import type { PatchOperation, PatchValue } from './patch-parse.ts';
import { refusal } from './patch-path.ts';
import type { Complex, Json, Resource } from './resource.ts';
import { findAttribute, type Attribute } from './schema.ts';

type Writing = Extract<PatchOperation, { op: 'add' | 'replace' }>;
type Removal = Extract<PatchOperation, { op: 'remove' }>;
type Given = Writing['value'];

/**
 * Applies the operations of parsePatch to a resource, in their order, all of them or none (RFC 7644 §3.5.2).
 * @param resource as the directory keeps it; it stays as it is.
 * @returns a new record for `normalise` to check, with `password` in clear if the patch sets it.
 * @throws DirectoryError NO_TARGET, MUTABILITY, and SCHEMA_VIOLATION for too many elements.
 */
export function applyPatch(resource: Resource, operations: readonly PatchOperation[]): unknown {
  let patched: Complex = { ...resource };
  for (const operation of operations) {
    const { extension, attribute } = operation.path;
    const inside = extension === undefined ? patched : patched[extension];
    const holder = isComplex(inside) ? inside : {};
    const before = holder[attribute.name];
    const after = settled(attribute, before, outcome(before, operation), operation.path.text);
    const written = withMember(holder, attribute.name, after);
    patched = extension === undefined ? written : withMember(patched, extension, written);
  }
  return patched;
}

function outcome(before: Json | undefined, operation: PatchOperation): Json | undefined {
  const { attribute, filter, sub, text } = operation.path;
  if (attribute.multiValued && (filter || sub)) return inSelection(listOf(before), operation);
  if (operation.op !== 'remove') return assigned(attribute, before, givenBy(operation), operation.op, text);
  if (sub) return merged(attribute, before, { [sub.name]: null }, 'replace', text);
  const described = operation.elements?.map((element) => fresh(attribute, element, text));
  return described && withoutDescribed(attribute, listOf(before), described);
}

/** What an operation gives to the attribute, or to each element that it selects. */
function givenBy({ path: { sub }, value }: Writing): Given {
  return sub ? { [sub.name]: value } : value;
}

/** Writes to, or takes from, those elements of a multi-valued attribute that the path selects. */
function inSelection(elements: readonly Json[], operation: PatchOperation): Json[] {
  const { filter } = operation.path;
  const isSelected = (element: Json) => !filter || (isComplex(element) && matchesElement(filter, element));
  const selected = new Set(elements.filter(isSelected));
  if (operation.op === 'remove') {
    if (filter && selected.size === 0) throw noTarget(operation);
    return elements.flatMap((element) => (selected.has(element) ? remaining(element, operation) : [element]));
  }
  const isPrimary = isPrimaryValue(givenBy(operation));
  const written = elements.map((element) => {
    if (selected.has(element)) return rewritten(element, operation);
    return isPrimary && isComplex(element) ? withoutPrimary(element) : element;
  });
  return selected.size > 0 ? written : [...written, created(operation)];
}

/** What is left of an element, or of it without one sub-attribute. */
function remaining(element: Json, { path: { attribute, sub, text }, strict }: Removal): Json[] {
  if (!sub) return [];
  const rest = merged(attribute, element, { [sub.name]: null }, 'replace', text);
  // Entra ID removes only the value of an address that is gone. An element with nothing but labels left says nothing.
  const says = Object.keys(rest).some((name) => strict || (name !== 'type' && name !== 'primary'));
  return says ? [rest] : [];
}

function rewritten(element: Json, operation: Writing): Json {
  const { attribute, described, sub, text } = operation.path;
  if (sub || operation.op === 'add') return merged(attribute, element, givenBy(operation), operation.op, text);
  // Replaced as a whole; but what it was found by stays where the new value does not say otherwise.
  const before = isComplex(element) ? element : {};
  const after = { ...described, ...merged(attribute, undefined, operation.value, 'replace', text) };
  for (const part of attribute.subAttributes ?? []) settled(part, before[part.name], after[part.name], text);
  return after;
}

/** The element that a path asks for where none is selected, as Entra ID means it. */
function created(operation: Writing): Json {
  const { filter, described } = operation.path;
  const basis = filter ? described : {};
  if (operation.strict || !basis) throw noTarget(operation);
  const element = rewritten(basis, operation);
  // `emails[value eq "old"].value` renames what is there. Where nothing is, there is nothing to rename.
  if (filter && !(isComplex(element) && matchesElement(filter, element))) throw noTarget(operation);
  return element;
}

function noTarget({ path: { attribute, text } }: PatchOperation): Error {
  return refusal('NO_TARGET', text, `No element of ${attribute.name} matches. Read the resource, or add the element first.`);
}

/** The new value of an attribute or sub-attribute. @param given null means "not assigned": adding that adds nothing. */
function assigned(
  attribute: Attribute,
  before: Json | undefined,
  given: PatchValue,
  op: Writing['op'],
  text: string,
): Json | undefined {
  if (given === null) return settled(attribute, before, op === 'add' ? before : undefined, text);
  if (!Array.isArray(given))
    return settled(attribute, before, isMembers(given) ? merged(attribute, before, given, op, text) : given, text);
  const elements = given.map((element) => fresh(attribute, element, text));
  return settled(attribute, before, op === 'add' ? appended(attribute, listOf(before), elements, text) : elements, text);
}

/** A complex value with the given sub-attributes written and the others as they were (RFC 7644 §3.5.2.1, §3.5.2.3). */
function merged(attribute: Attribute, before: Json | undefined, given: PatchValue, op: Writing['op'], text: string): Complex {
  const old = isComplex(before) ? before : {};
  const members = isMembers(given) ? given : {};
  let after = old;
  for (const [name, value] of Object.entries(members)) {
    const sub = findAttribute(attribute.subAttributes ?? [], name);
    if (sub) after = withMember(after, name, assigned(sub, old[name], value, op, text));
  }
  return after;
}

/** An element that was not there before. */
function fresh(attribute: Attribute, given: PatchValue, text: string): Json {
  return isSimple(given) ? given : merged(attribute, undefined, given, 'add', text);
}

/**
 * Adds elements to a list. What is there already stays, and takes what is new of the added one; a new primary element takes
 * that from the others.
 */
function appended(attribute: Attribute, before: readonly Json[], added: readonly Json[], text: string): Json[] {
  const elements = [...before];
  // Turned round, so that of elements with the same identity the first is found.
  const places = new Map(before.map((element, place) => [identityOf(attribute, element), place] as const).toReversed());
  const primaries = new Set<number>();
  for (const element of added) {
    const identity = identityOf(attribute, element);
    const place = places.get(identity) ?? elements.length;
    const existing = elements[place];
    elements[place] =
      isComplex(existing) && isComplex(element)
        ? merged(attribute, existing, withoutIdentity(element), 'add', text)
        : (existing ?? element);
    places.set(identity, place);
    if (isPrimaryValue(element)) primaries.add(place);
  }
  if (elements.length > limits.elementsMax)
    throw refusal('SCHEMA_VIOLATION', text, `Would have ${elements.length} values; at most ${limits.elementsMax} can be stored.`);
  if (primaries.size === 0) return elements;
  return elements.map((element, place) => (isComplex(element) && !primaries.has(place) ? withoutPrimary(element) : element));
}

/**
 * The value that an attribute has after an operation; empty ones count as not assigned.
 * @throws DirectoryError MUTABILITY where this attribute may not change so.
 */
function settled(attribute: Attribute, before: Json | undefined, after: Json | undefined, text: string): Json | undefined {
  const isEmpty = typeof after === 'object' && Object.keys(after).length === 0;
  const value = isEmpty ? undefined : after;
  if (same(before, value)) return before;
  const { name, mutability, required } = attribute;
  if (mutability === 'readOnly')
    throw refusal('MUTABILITY', text, `${name} is read-only: the directory writes it. Leave it out.`);
  if (before === undefined) return value;
  if (mutability === 'immutable') throw refusal('MUTABILITY', text, `${name} cannot change once it has a value.`);
  if (required && value === undefined) throw refusal('MUTABILITY', text, `${name} is required: it can be replaced, not removed.`);
  return value;
}

/** @returns a copy with the member written, or left out where its value is undefined or has nothing in it. */
function withMember(object: Complex, name: string, value: Json | undefined): Complex {
  const { [name]: _before, ...rest } = object;
  if (value === undefined || (isComplex(value) && Object.keys(value).length === 0)) return rest;
  return { ...object, [name]: value };
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function isMembers(given: PatchValue): given is { [name: string]: PatchValue } {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

function isPrimaryValue(given: PatchValue): boolean {
  return isMembers(given) && given['primary'] === true;
}

function isSimple(given: PatchValue): given is string | number | boolean {
  return given !== null && typeof given !== 'object';
}
