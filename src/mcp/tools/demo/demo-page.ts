import { z } from 'zod';
import type { DemoPage } from '../../../demo/index.ts';
import { invalidArgument } from '../../result.ts';

const pageMax = 100;

/** Arguments of a list of the demonstration. */
export const pageInput = {
  count: z.int().min(1).max(pageMax).default(20).describe(`How many at once, at most ${pageMax}.`),
  cursor: z.string().max(20).optional().describe('From metadata.next_cursor of the page before.'),
};

/** @throws DirectoryError INVALID_ARGUMENT for a cursor that no page gave. */
export function pageOf({ count, cursor }: { count: number; cursor?: string | undefined }) {
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
    throw invalidArgument('cursor', 'Send metadata.next_cursor of the page before, unchanged, or leave it out.');
  return { limit: count, before: cursor === undefined ? undefined : Number(cursor) };
}

/** What the metadata says of a page. */
export function pageMetadata({ total, next }: DemoPage<unknown>) {
  return { total_results: total, ...(next !== undefined && { next_cursor: String(next) }) };
}
