import type { Attribute, ResourceSchemas } from '../directory/index.ts';
import { managerKeys, type Target } from './columns.ts';
import { put, valueAt } from './records.ts';
import type { MemberWish, Wish } from './row.ts';

/**
 * Makes of the cells of one line what it wants. A value that does not fit its attribute stays text, for the schemas to refuse.
 * @param empty whether an empty cell keeps the attribute or takes it away.
 * @returns a sentence instead where a cell has broken JSON.
 */
export function wishFromCells(
  schemas: ResourceSchemas,
  targets: readonly Target[],
  cells: readonly string[],
  empty: 'keep' | 'clear',
): Wish | { message: string } {
  const wish: Wish = { patch: {}, elements: [] };
  const members: { ids?: string[]; names?: string[] } = {};
  for (const [index, target] of targets.entries()) {
    const text = cells[index] ?? '';
    const isEmpty = text === '';
    if (target.kind === 'ignore' || (isEmpty && empty === 'keep')) continue;
    switch (target.kind) {
      case 'id':
        if (!isEmpty) wish.id = text.trim();
        break;
      case 'version':
        if (!isEmpty) wish.version = text.trim();
        break;
      case 'manager':
        wish.manager = isEmpty ? null : text.trim();
        break;
      case 'field':
        put(wish.patch, target.keys, isEmpty ? null : fromText(target.attribute, text));
        break;
      case 'whole':
        try {
          put(wish.patch, target.keys, isEmpty ? null : wholeFrom(target.attribute, text));
        } catch {
          return { message: `The cell of '${target.keys.join('.')}' begins like JSON, but is none.` };
        }
        break;
      case 'element': {
        const value = isEmpty ? null : fromText(target.sub, text);
        wish.elements.push({ keys: target.keys, type: target.type, sub: target.sub.name, value });
        break;
      }
      case 'members':
        if (target.by === 'id') members.ids = listFrom(text);
        else members.names = target.by === 'either' ? looseListFrom(text) : listFrom(text);
        break;
    }
  }
  if (members.ids || members.names) wish.members = zip(members.ids ?? [], members.names ?? []);
  // A list that is given as a whole needs no word about its elements.
  wish.elements = wish.elements.filter(({ keys }) => !Array.isArray(valueAt(wish.patch, keys)));
  const userName = wish.patch['userName'];
  if (typeof userName === 'string') wish.patch['userName'] = userName.trim();
  const [urn] = managerKeys(schemas) ?? [];
  if (urn !== undefined && wish.manager === null) put(wish.patch, [urn, 'manager'], null);
  return wish;
}

const yes = /^(?:true|yes|y|1|active|enabled)$/i;
const no = /^(?:false|no|n|0|inactive|disabled)$/i;

function fromText(attribute: Attribute, text: string): string | number | boolean {
  const trimmed = text.trim();
  if (attribute.type === 'boolean') return yes.test(trimmed) ? true : no.test(trimmed) ? false : text;
  if (attribute.type === 'integer' || attribute.type === 'decimal') {
    const number = trimmed === '' ? Number.NaN : Number(trimmed);
    return Number.isFinite(number) ? number : text;
  }
  return text;
}

function wholeFrom(attribute: Attribute, text: string): unknown {
  if (/^\s*[[{]/.test(text)) return JSON.parse(text) as unknown;
  const value = fromText(attribute, text);
  if (attribute.type !== 'complex') return attribute.multiValued ? [value] : value;
  const sub = attribute.subAttributes?.some(({ name }) => name === 'value') ? 'value' : 'formatted';
  return attribute.multiValued ? [{ [sub]: text }] : { [sub]: text };
}

/** One on a line; or JSON, as the export writes it where one has a line end in itself. */
function listFrom(text: string): string[] {
  if (text.startsWith('[')) {
    const list = jsonList(text);
    if (list) return list;
  }
  return text === '' ? [] : text.split(/\r?\n/);
}

/** As a person writes it: on lines, or on one line with commas or semicolons between. */
function looseListFrom(text: string): string[] {
  if (text.startsWith('[')) return listFrom(text);
  return text
    .split(text.includes('\n') ? /\r?\n/ : /[;,]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function jsonList(text: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}

function zip(ids: readonly string[], names: readonly string[]): MemberWish[] {
  return Array.from({ length: Math.max(ids.length, names.length) }, (_, index): MemberWish => {
    const [id, name] = [ids[index] ?? '', names[index] ?? ''];
    return { ...(id !== '' && { id }), ...(name !== '' && { name }) };
  }).filter(({ id, name }) => id !== undefined || name !== undefined);
}
