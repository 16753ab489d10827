import { useSessionStorage } from '@mantine/hooks';
import type { ShownExtension } from '../../api/index.ts';
import type { MemberType, Schema, Side } from '../../directory/pure.ts';
import { textOf } from '../attribute-text.ts';
import { fromSchema, mergeSchemas, newField, toSchema, type SectionForm } from './section-form.ts';

/** A section that is being made or changed. It is kept until it is saved or discarded, also while its dialog is closed. */
export interface Editing {
  type: MemberType;
  /** What it stands on; null for a section that is not there yet. */
  base: ShownExtension | null;
  form: SectionForm;
  /** What came from another window meanwhile. */
  note?: string;
}

/** The unfinished section of a tenant, if there is one. */
export function useEditing(tenant: string) {
  return useSessionStorage<Editing | null>({
    key: `tandem.extra-fields.${tenant}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
}

export function newSection(type: MemberType): Editing {
  return { type, base: null, form: { name: '', description: '', fields: [newField()] } };
}

export function changeOf(type: MemberType, base: ShownExtension): Editing {
  return { type, base, form: fromSchema(base.schema) };
}

/** What another window made of the section that is open here. */
export type Elsewhere =
  | { kind: 'same' }
  | { kind: 'removed' }
  | { kind: 'merged'; editing: Editing }
  | { kind: 'conflict'; labels: string[] };

/**
 * Holds an open section against what the directory has now.
 * @param current undefined where it is not there any more.
 */
export function compare(tenant: string, editing: Editing, current: ShownExtension | undefined): Elsewhere {
  const { base, form, type } = editing;
  if (!base || base.version === current?.version) return { kind: 'same' };
  if (!current) return { kind: 'removed' };
  const { merged, collisions } = mergeSchemas(base.schema, toSchema(form, tenant, type), current.schema, 'theirs');
  if (collisions.length > 0) {
    const all: readonly Schema[] = [current.schema, base.schema];
    const labelOf = (name: string) => {
      const attribute = all.flatMap(({ attributes }) => attributes).find((each) => each.name === name);
      return textOf(attribute ?? { name, description: '' }).label;
    };
    return {
      kind: 'conflict',
      labels: collisions.map(({ attribute, part }) => (attribute === undefined ? part : labelOf(attribute))),
    };
  }
  const note = 'This section was changed in another window; what you have changed is kept.';
  return { kind: 'merged', editing: { ...editing, base: current, form: fromSchema(merged), note } };
}

/** @returns the section on what the directory has now, with one side's definition where both changed the same. */
export function settle(tenant: string, { base, form, type }: Editing, current: ShownExtension, side: Side): Editing {
  const { merged } = mergeSchemas(base?.schema ?? current.schema, toSchema(form, tenant, type), current.schema, side);
  return { type, base: current, form: fromSchema(merged) };
}
