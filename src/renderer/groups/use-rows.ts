import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, type KeyboardEvent } from 'react';

const rowsPerPage = 12;

/**
 * A list of any length of which only the rows on screen exist. One row is the active one, which the arrow keys move; rows
 * name their place in `aria-rowindex`, after one of headings.
 */
export function useRows(total: number, rowHeight: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const [wanted, setActive] = useState(0);
  const active = Math.max(0, Math.min(total - 1, wanted));
  // The compiler that this is incompatible with is not used.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const focusActive = (index = active) =>
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"]`)?.focus());
  /** @returns whether the key moves in the list; then it has moved. */
  const moveBy = (event: KeyboardEvent): boolean => {
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + rowsPerPage,
      PageUp: active - rowsPerPage,
      Home: 0,
      End: total - 1,
    };
    const step = steps[event.key];
    if (step === undefined) return false;
    event.preventDefault();
    const next = Math.max(0, Math.min(total - 1, step));
    setActive(next);
    rows.scrollToIndex(next);
    focusActive(next);
    return true;
  };
  return { scroller, rows, active, setActive, moveBy, focusActive };
}
