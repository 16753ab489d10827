import type { Field } from '../fields.ts';
import type { Wish } from './wish.ts';

/** A wish as it is typed. */
export interface WishDraft {
  path: string;
  kind: Wish['kind'];
  value: string;
  type: string;
}

/** @returns an empty wish for a field. */
export function draftFor(field: Field): WishDraft {
  return { path: field.path, kind: field.list ? 'add' : 'set', value: '', type: field.list?.types[0] ?? '' };
}

/** What can become of a field, in words. */
export function kindsOf(field: Field): { value: Wish['kind']; label: string }[] {
  if (field.list)
    return [
      { value: 'add', label: 'Add' },
      { value: 'remove', label: 'Take out' },
      { value: 'clear', label: 'Clear all' },
    ];
  if (field.path === 'active') return [{ value: 'set', label: 'Set to' }];
  return [
    { value: 'set', label: 'Set to' },
    { value: 'clear', label: 'Clear' },
  ];
}

/** @returns undefined where something is missing still. */
export function wishOf({ path, kind, value, type }: WishDraft, fields: readonly Field[]): Wish | undefined {
  const field = fields.find((each) => each.path === path);
  if (!field) return undefined;
  if (kind === 'clear') return { kind, field };
  const text = value.trim();
  if (text === '') return undefined;
  if (kind === 'add') return { kind, field, value: text, type };
  if (kind === 'remove') return { kind, field, value: text };
  switch (field.kind) {
    case 'boolean':
      return { kind, field, value: text === 'true' };
    case 'number':
      return Number.isFinite(Number(text)) ? { kind, field, value: Number(text) } : undefined;
    case 'date':
      return Number.isNaN(Date.parse(text)) ? undefined : { kind, field, value: new Date(`${text}T00:00:00`).toISOString() };
    case 'text':
    case 'person':
    case 'group':
      return { kind, field, value: text };
  }
}
