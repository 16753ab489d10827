import type { Virtualizer } from '@tanstack/react-virtual';

/** Scrolls a long list to a row; to the very end for the last one, which headings and rounding would leave some pixels short. */
export function scrollToRow(rows: Virtualizer<HTMLDivElement, Element>, index: number): void {
  const { scrollElement, options } = rows;
  if (scrollElement && index === options.count - 1) scrollElement.scrollTo({ top: scrollElement.scrollHeight });
  else rows.scrollToIndex(index);
}
