import {
  asElements,
  diff,
  nameOf,
  same,
  type Complex,
  type FieldChange,
  type Json,
  type Resource,
  type Versioned,
} from '../../../directory/pure.ts';
import { valueAt, withValue } from '../../editor/values.ts';
import type { Field } from '../fields.ts';

/** What is to become of one field of many people. */
export type Wish = { field: Field } & (
  | { kind: 'set'; value: Json }
  | { kind: 'clear' }
  /** Adds a value to a list. */
  | { kind: 'add'; value: string; type: string }
  /** Takes a value out of a list. */
  | { kind: 'remove'; value: string }
);

/** What is done to many people. */
export type BulkAction = { kind: 'change'; wishes: readonly Wish[] } | { kind: 'delete' };

/** What an action means for one person, against the version that was seen. */
export interface Plan {
  id: string;
  name: string;
  version: string;
  before: Resource;
  /** Absent where the person is deleted. */
  after: Resource | undefined;
  /** Empty where nothing changes. */
  changes: readonly FieldChange[];
}

/** Says what an action would do to a person; nothing is written. */
export function planFor({ resource, version }: Pick<Versioned, 'resource' | 'version'>, action: BulkAction): Plan {
  const plan = { id: resource.id, name: nameOf(resource), version, before: resource };
  if (action.kind === 'delete') return { ...plan, after: undefined, changes: diff(resource, undefined) };
  const after = action.wishes.reduce(fulfil, resource);
  return { ...plan, after, changes: diff(resource, after) };
}

function fulfil(resource: Resource, wish: Wish): Resource {
  const { field } = wish;
  const before = valueAt(resource, field.keys);
  switch (wish.kind) {
    case 'set':
      // Who has no `active` counts as active already.
      if (field.path === 'active' && wish.value === true && before === undefined) return resource;
      return withValue(resource, field.keys, field.kind === 'person' ? reference(before, wish.value) : wish.value);
    case 'clear':
      return withValue(resource, field.keys, undefined);
    case 'add': {
      const elements = asElements(before) ?? [];
      if (elements.some((element) => hasValue(element, wish.value))) return resource;
      const { value, type } = wish;
      return withValue(resource, field.keys, [...elements, type === '' ? { value } : { value, type }]);
    }
    case 'remove':
      return withValue(
        resource,
        field.keys,
        (asElements(before) ?? []).filter((element) => !hasValue(element, wish.value)),
      );
  }
}

/** The same reference stays as it is; another one has nothing of the one before. */
function reference(before: Json | undefined, id: Json): Json {
  const old = asElements(before === undefined ? undefined : [before])?.[0];
  return old && same(old['value'], id) ? old : { value: id };
}

function hasValue(element: Complex, value: string): boolean {
  const own = element['value'];
  return typeof own === 'string' && own.toLowerCase() === value.toLowerCase();
}

/**
 * The SCIM patch (RFC 7644 §3.5.2) that brings the fields of an action from one record to another. Turned round it undoes it.
 * Each writes whole values, so it is right only against the version of `from`.
 */
export function patchBetween(from: Resource, to: Resource, { wishes }: { wishes: readonly Wish[] }): Record<string, unknown>[] {
  const fields = [...new Map(wishes.map(({ field }) => [patchPath(field), field])).entries()];
  return fields.flatMap(([path, { keys }]): Record<string, unknown>[] => {
    const value = valueAt(to, keys);
    if (same(valueAt(from, keys), value)) return [];
    return [value === undefined ? { op: 'remove', path } : { op: 'replace', path, value }];
  });
}

/** Where a field is written: a list and a reference as a whole. */
function patchPath({ path, keys, list, kind }: Field): string {
  if (list) return list.path;
  return kind === 'person' ? keys.join(':') : path;
}
