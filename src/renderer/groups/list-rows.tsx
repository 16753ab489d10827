import type { KeyboardEvent, ReactNode } from 'react';
import type { useRows } from './use-rows.ts';

interface Props<Row> {
  list: ReturnType<typeof useRows>;
  rowHeight: number;
  /** Beside `table-row`. */
  className: string;
  /** What is in a place; undefined while it is read. */
  rowAt: (index: number) => Row | undefined;
  openId: string | undefined;
  onOpen: (id: string) => void;
  /** Instead of rows, where there are none. */
  empty?: ReactNode;
  /** The cells of a row. */
  children: (row: Row) => ReactNode;
}

/** The rows of a list of any length, each of which opens something; the arrow keys move among them. */
export function ListRows<Row extends { id: string }>(props: Props<Row>) {
  const { list, rowHeight, className, rowAt, openId, onOpen, empty, children } = props;
  const { scroller, rows, active, setActive, moveBy } = list;
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rowAt(active);
    if (!moveBy(event) && event.key === 'Enter' && row) onOpen(row.id);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the rows inside are what is focused
    <div role="rowgroup" ref={scroller} className="scroll" onKeyDown={onKeyDown}>
      {empty ? (
        <div role="row">
          <div role="gridcell">{empty}</div>
        </div>
      ) : (
        <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const row = rowAt(index);
            return (
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the group above has the keys
              <div
                key={index}
                role="row"
                className={`table-row ${className}`}
                aria-rowindex={index + 2}
                aria-selected={row !== undefined && row.id === openId}
                tabIndex={index === active ? 0 : -1}
                style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                onClick={() => {
                  setActive(index);
                  if (row) onOpen(row.id);
                }}
              >
                {row ? (
                  children(row)
                ) : (
                  <span role="gridcell" className="cell" aria-label="Loading">
                    …
                  </span>
                )}
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}
