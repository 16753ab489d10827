import type { DiffLine } from '../../api/index.ts';

const contextLines = 3;

/**
 * The lines in which two texts differ, as one block between the lines that they begin and end with in common, of which a few are
 * shown; so it is exact for a text that was changed in one place.
 * @returns none for equal texts.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  if (before === after) return [];
  const [old, fresh] = [before, after].map((text) => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/))) as [
    string[],
    string[],
  ];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let end = 0;
  while (end < old.length - start && end < fresh.length - start && old.at(-1 - end) === fresh.at(-1 - end)) end++;
  const as = (kind: DiffLine['kind'], lines: string[]) => lines.map((text) => ({ kind, text }));
  const gap = (isThere: boolean): DiffLine[] => (isThere ? [{ kind: 'gap', text: '…' }] : []);
  const afterwards = old.slice(old.length - end);
  return [
    ...gap(start > contextLines),
    ...as('same', old.slice(Math.max(0, start - contextLines), start)),
    ...as('removed', old.slice(start, old.length - end)),
    ...as('added', fresh.slice(start, fresh.length - end)),
    ...as('same', afterwards.slice(0, contextLines)),
    ...gap(end > contextLines),
  ];
}
