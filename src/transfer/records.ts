/** Work on records as they come from files, before the schemas have seen them. */

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns the value at a path of keys; undefined where there is none. */
export function valueAt(record: object, keys: readonly string[]): unknown {
  let value: unknown = record;
  for (const key of keys) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** Sets the value at a path of keys, making the objects on the way. The keys are names that a schema has. */
export function put(record: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  const [first = '', ...rest] = keys;
  if (rest.length === 0) {
    record[first] = value;
    return;
  }
  const inner = record[first];
  const object = isObject(inner) ? inner : {};
  record[first] = object;
  put(object, rest, value);
}
