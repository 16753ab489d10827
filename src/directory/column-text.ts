import { isComplex, primaryOf } from './elements.ts';
import type { Complex, Json } from './resource.ts';
import type { ResolvedPath } from './schema.ts';

/**
 * What a table shows of a resource at a path, as text: of several values the primary one, else the first; of a complex value
 * its `value`, else how it is formatted, else its parts.
 * @returns '' where nothing is assigned.
 */
export function columnText(resource: Complex, { keys }: ResolvedPath): string {
  return textOf(keys.reduce<Json | undefined>((value, key) => step(value, key), resource));
}

function step(value: Json | undefined, key: string): Json | undefined {
  const one = Array.isArray(value) ? oneOf(value) : value;
  return isComplex(one) ? one[key] : undefined;
}

function oneOf(values: readonly Json[]): Json | undefined {
  return primaryOf(values.filter(isComplex)) ?? values[0];
}

function textOf(value: Json | undefined): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return textOf(oneOf(value));
  if (!isComplex(value)) return String(value);
  const { type: _type, primary: _primary, ...parts } = value;
  const whole = value['value'] ?? value['formatted'];
  if (whole !== undefined) return textOf(whole);
  return Object.values(parts).map(textOf).filter(Boolean).join(', ');
}
