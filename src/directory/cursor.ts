import { hash } from 'node:crypto';
import { z } from 'zod';
import { DirectoryError } from './errors.ts';
import type { Position } from './store.ts';

const cursorSchema = z.tuple([z.string(), z.union([z.string(), z.number(), z.null()]), z.int()]);

/**
 * Makes a cursor (RFC 9865) from where a page ended. It holds the place only, so it never expires; it is bound to its list.
 * @param list what the list is about: tenant, type, filter, order.
 */
export function toCursor(list: readonly unknown[], { key, row }: Position): string {
  return Buffer.from(JSON.stringify([fingerprint(list), key, row])).toString('base64url');
}

/** @throws DirectoryError INVALID_CURSOR if it was not made for this list. */
export function fromCursor(list: readonly unknown[], cursor: string): Position {
  const [print, key, row] = parse(cursor);
  if (print === fingerprint(list)) return { key, row };
  throw new DirectoryError(
    'INVALID_CURSOR',
    'This cursor belongs to another list. Use it with the same filter and order, or begin again without one.',
  );
}

function parse(cursor: string): z.infer<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new DirectoryError('INVALID_CURSOR', 'This is not a cursor that was given out here. Begin again without one.');
  }
}

function fingerprint(list: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(list), 'base64url').slice(0, 12);
}
