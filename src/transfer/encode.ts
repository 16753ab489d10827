import {
  asElements,
  isComplex,
  type Attribute,
  type Complex,
  type Json,
  type Resource,
  type ResourceSchemas,
} from '../directory/index.ts';
import { columnPath, managerKeys } from './columns.ts';

/** A record as CSV cells: the columns' paths and what is in them. */
export type Cells = Map<string, string>;

/**
 * Makes CSV cells of a record, in the order of the schemas. A multi-valued attribute whose elements have one type each gets a
 * column for each value, `emails[type eq "work"].value`; any other is JSON in one cell.
 * @param manager what the manager is called in the file.
 */
export function encodeRecord(schemas: ResourceSchemas, resource: Resource, manager: string | undefined): Cells {
  const cells: Cells = new Map();
  const managerAt = managerKeys(schemas)?.join(' ');
  const add = (keys: readonly string[], attribute: Attribute, value: Json | undefined): void => {
    if (value === undefined) return;
    const path = columnPath(schemas, keys);
    const elements = attribute.multiValued && keys.length === 1 ? elementCells(path, attribute, value) : undefined;
    if (elements) for (const [name, text] of elements) cells.set(name, text);
    else if (attribute.multiValued || (isComplex(value) && attribute.type !== 'complex')) cells.set(path, JSON.stringify(value));
    else if (isComplex(value)) {
      for (const sub of attribute.subAttributes ?? [])
        if (keys.join(' ') === managerAt && sub.name === 'value') {
          if (manager !== undefined) cells.set('manager', manager);
        } else add([...keys, sub.name], sub, value[sub.name]);
    } else cells.set(path, textOf(value));
  };
  for (const attribute of schemas.core.attributes)
    if (attribute.name !== 'id') add([attribute.name], attribute, resource[attribute.name]);
  for (const { id, attributes } of schemas.extensions) {
    const extension = resource[id];
    if (!isComplex(extension)) continue;
    for (const attribute of attributes) add([id, attribute.name], attribute, extension[attribute.name]);
  }
  return cells;
}

/** @returns a cell for each value of each element; undefined where reading them would not make the same list. */
function elementCells(path: string, { canonicalValues, subAttributes = [] }: Attribute, value: Json): Cells | undefined {
  const types = subAttributes.find(({ name }) => name === 'type')?.canonicalValues ?? canonicalValues ?? [];
  const elements = asElements(value);
  if (!elements || types.length === 0) return undefined;
  const cells: Cells = new Map();
  let place = -1;
  for (const element of elements) {
    const next = types.indexOf(textOf(element['type'] ?? ''));
    // Reading makes the elements in the order of the types, each of them once.
    if (next <= place || !isPlain(element)) return undefined;
    place = next;
    for (const { name } of subAttributes) {
      const inner = element[name];
      if (name !== 'type' && inner !== undefined) cells.set(`${path}[type eq "${types[next] ?? ''}"].${name}`, textOf(inner));
    }
  }
  return cells;
}

function textOf(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Whether an element has more than its label and no values inside values. */
function isPlain(element: Complex): boolean {
  const keys = Object.keys(element).filter((key) => key !== 'type');
  return keys.some((key) => key !== 'primary') && keys.every((key) => typeof element[key] !== 'object');
}

/**
 * Sorts columns as the schemas have them, so that elements are read in the order of their types.
 * @param paths of all records together.
 */
export function sortColumns(schemas: ResourceSchemas, paths: Iterable<string>): string[] {
  const order = [...columnOrder(schemas)];
  const places = new Map(order.map((path, place) => [path, place]));
  const placeOf = (path: string) => places.get(path) ?? order.length;
  return [...paths].toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Every column of the schemas, as the export orders them. */
export function* columnOrder(schemas: ResourceSchemas): Generator<string> {
  const inside = function* (keys: readonly string[], attribute: Attribute): Generator<string> {
    const path = columnPath(schemas, keys);
    const subs = attribute.subAttributes ?? [];
    const types = attribute.multiValued ? (subs.find(({ name }) => name === 'type')?.canonicalValues ?? []) : [];
    for (const type of types) for (const { name } of subs) yield `${path}[type eq "${type}"].${name}`;
    yield path;
    if (attribute.type === 'complex' && !attribute.multiValued) for (const sub of subs) yield* inside([...keys, sub.name], sub);
  };
  for (const attribute of schemas.core.attributes) yield* inside([attribute.name], attribute);
  for (const { id, attributes } of schemas.extensions)
    for (const attribute of attributes) {
      if (attribute.name === 'manager') yield 'manager';
      yield* inside([id, attribute.name], attribute);
    }
}
