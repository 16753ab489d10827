import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { settingsSchema } from '../src/main/settings.ts';

/** What the window keeps for itself, which the page names as a whole. */
const wholes = new Set(['window', 'assistant']);

function paths(schema: unknown, path: string): string[] {
  if (schema instanceof z.ZodOptional) return paths(schema.unwrap(), path);
  if (!(schema instanceof z.ZodObject) || wholes.has(path)) return [path];
  return Object.entries(schema.shape).flatMap(([name, inner]) => paths(inner, path === '' ? name : `${path}.${name}`));
}

test('docs/settings.md has each setting once, and none that there is not', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/settings.md'), 'utf8');
  const named = [...page.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name]) => name);
  const there = paths(settingsSchema, '');
  expect(named).toHaveLength(there.length);
  expect(new Set(named)).toEqual(new Set(there));
});
