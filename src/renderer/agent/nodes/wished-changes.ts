import { diff, isComplex, type FieldChange, type Json, type Resource } from '../../../directory/pure.ts';

/**
 * What a call of a writing tool would change, field by field. Pure.
 * @param now the record that it is about, as it is in the directory; absent where it is to be made.
 * @returns undefined where it cannot be said.
 */
export function wishedChanges(args: Record<string, unknown>, now: Resource | undefined): FieldChange[] | undefined {
  const { operations } = args;
  const data = (args['user_data'] ?? args['group_data']) as Json | undefined;
  if (data !== undefined && isComplex(data)) {
    if (!now) return diff(undefined, data as unknown as Resource);
    const { meta } = now;
    return diff(now, { ...data, id: now.id, ...(meta !== undefined && { meta }) } as Resource);
  }
  if (now && Array.isArray(operations)) return (operations as Json[]).flatMap((operation) => changesOf(operation, now));
  return undefined;
}

/** One operation of a patch (RFC 7644 §3.5.2). */
function changesOf(operation: Json, now: Resource): FieldChange[] {
  if (!isComplex(operation)) return [];
  const { op, path, value } = operation;
  const isRemoval = typeof op === 'string' && op.toLowerCase() === 'remove';
  if (typeof path !== 'string') {
    if (value === undefined || !isComplex(value)) return [];
    return Object.entries(value).map(([name, after]) => changeOf(name, now, after));
  }
  return [changeOf(path, now, isRemoval ? undefined : value)];
}

function changeOf(path: string, now: Resource, after: Json | undefined): FieldChange {
  const before = path.split('.').reduce<Json | undefined>((at, name) => (isComplex(at) ? at[name] : undefined), now as Json);
  return { path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
}
