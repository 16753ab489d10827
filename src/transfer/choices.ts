import type { ResourceSchemas } from '../directory/index.ts';
import { parseColumn } from './columns.ts';
import { columnOrder } from './encode.ts';

/** Parts of an element that say something about it, which hardly any file has in a column of its own. */
const sideParts = new Set(['type', 'primary', 'display', '$ref']);

/** @returns every path that a person may want to give to a CSV column, in the order of the schemas. */
export function columnChoices(schemas: ResourceSchemas): string[] {
  const paths = [...new Set(columnOrder(schemas))];
  const withTypes = new Set(paths.filter((path) => path.includes('[')).map((path) => path.slice(0, path.indexOf('['))));
  const attributes = paths.filter((path) => {
    const target = parseColumn(schemas, path);
    if (target?.kind === 'element') return !sideParts.has(target.sub.name);
    if (target?.kind === 'whole') return target.attribute.multiValued && !withTypes.has(path);
    return target?.kind === 'field' || path === 'manager';
  });
  const members = schemas.type === 'Group' ? ['members', 'members.userName', 'members.value'] : [];
  return ['id', ...attributes, ...members, 'meta.version'];
}
