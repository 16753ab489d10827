import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { messageOf } from '../connection.ts';
import { draftKey, useUnsaved } from '../editor/drafts.ts';
import { ListFailed } from '../list-failed.tsx';
import { useRecent } from '../live.ts';
import { usePresent } from '../presence/use-presence.ts';
import type { Column } from './columns/columns.ts';
import { Empty } from './empty.tsx';
import { PersonRow } from './person-row.tsx';
import { nobody, rangeTo, selectionMax, toggled, withAll, type Selection } from './selection.ts';
import { idsBetween, usePeople, type PeopleList, type Sorting } from './use-people.ts';

export interface Counted {
  total: number;
  /** Which search and filter were counted. */
  list: PeopleList;
}

interface Props {
  list: PeopleList;
  columns: readonly Column[];
  selection: Selection;
  onSelect: (change: (selection: Selection) => Selection) => void;
  onSort: (sort: Sorting) => void;
  openId: string | undefined;
  onOpen: (id: string) => void;
  onNew: () => void;
  onClearFilter: () => void;
  onHelp: () => void;
  /** Told how many there are: while a list is read, the rows are still those of the one before. */
  onCounted: (counted: Counted) => void;
}

const rowHeight = 44;
const headHeight = 32;
const nameWidth = 130;
const gap = 8;
/** So many columns share the room of the narrow list; more of them have a smallest width, and the table scrolls. */
const squeezedMax = 2;

/** A table of any length: only the rows on screen exist, and only their pages are read. */
export function PeopleTable(props: Props) {
  const { list, columns, selection, onSelect, onSort, openId, onOpen, onNew, onClearFilter, onHelp, onCounted } = props;
  const { tenant, search, filter, sort } = list;
  const [active, setActive] = useState(0);
  const [total, setTotal] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const unsaved = useUnsaved();
  const recent = useRecent();
  const present = usePresent(tenant);
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  });
  const visible = rows.getVirtualItems();
  const { total: counted, error, refetch, personAt } = usePeople(list, visible[0]?.index ?? 0, visible.at(-1)?.index ?? 0);
  useEffect(() => {
    if (counted === undefined) return;
    setTotal(counted);
    onCounted({ total: counted, list });
  }, [counted, list, onCounted]);
  useEffect(() => {
    setActive(0);
    rows.scrollToOffset(0);
    // Only when the list is another one; `rows` is a new object with each render.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [tenant, search, filter, sort]);

  const focusRow = (index: number) => {
    const next = Math.max(0, Math.min(total - 1, index));
    setActive(next);
    rows.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${next + 2}"]`)?.focus());
    return next;
  };
  const select = (reading: Promise<string[]>, change: (before: Selection, ids: readonly string[]) => Selection) =>
    void reading.then(
      (ids) => onSelect((before) => change(before, ids)),
      (problem: unknown) => notifications.show({ color: 'red', message: messageOf(problem) }),
    );
  const selectRange = (to: number) => {
    // Where nobody is selected yet, a range begins at the row that has the focus.
    const anchor = selection.ids.size === 0 ? active : selection.anchor;
    const { from, to: end } = rangeTo({ ...selection, anchor }, to);
    select(idsBetween(list, from, Math.min(end, from + selectionMax - 1)), (before, ids) => withAll({ ...before, anchor }, ids));
  };
  const selectAll = () => select(idsBetween(list, 0, Math.min(total, selectionMax) - 1), (_before, ids) => withAll(nobody, ids));
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + 12,
      PageUp: active - 12,
      Home: 0,
      End: total - 1,
    };
    const next = steps[event.key];
    const person = personAt(active);
    const done = () => event.preventDefault();
    if (next !== undefined) {
      done();
      const at = focusRow(next);
      if (event.shiftKey) selectRange(at);
    } else if (event.key === 'Enter' && person) onOpen(person.id);
    else if (event.key === ' ') {
      done();
      if (event.shiftKey) selectRange(active);
      else if (person) onSelect((before) => toggled(before, person.id, active));
    } else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) {
      done();
      selectAll();
    } else if (event.key === 'Escape' && selection.ids.size > 0) {
      done();
      onSelect(() => nobody);
    } else if (event.key === '?') onHelp();
  };
  const onPick = (index: number, id: string | undefined, event: MouseEvent, isBox: boolean) => {
    setActive(index);
    if (event.shiftKey) {
      selectRange(index);
      getSelection()?.removeAllRanges();
    } else if (id !== undefined && (isBox || event.ctrlKey || event.metaKey)) onSelect((before) => toggled(before, id, index));
    else if (id !== undefined) {
      onSelect((before) => ({ ...before, anchor: index }));
      onOpen(id);
    }
  };
  // The rows keep one handler, so that only those that changed are drawn again.
  const latestPick = useRef(onPick);
  latestPick.current = onPick;
  const pick = useCallback<typeof onPick>((...args) => latestPick.current(...args), []);

  const { template, minWidth: usualWidth } = useMemo(() => layoutOf(columns), [columns]);
  // What an empty table says must not be scrolled away.
  const minWidth = counted === 0 ? 0 : usualWidth;
  if (error) return <ListFailed error={error} onRetry={refetch} />;
  const selected = selection.ids.size;
  return (
    <div
      role="grid"
      aria-label="People"
      aria-multiselectable
      aria-rowcount={total + 1}
      style={{ display: 'contents', '--people-columns': template } as Record<string, string>}
    >
      <div role="presentation" ref={scroller} className="scroll">
        <div role="rowgroup" className="people-head" style={{ minWidth, position: 'sticky' }}>
          <div role="row" aria-rowindex={1} className="table-row table-head people-row">
            <div role="columnheader" className="people-check">
              <input
                type="checkbox"
                aria-label={selected === 0 ? 'Select everybody in the list' : 'Select nobody'}
                checked={selected > 0}
                ref={(box) => {
                  if (box) box.indeterminate = selected > 0 && selected < total;
                }}
                onChange={() => (selected === 0 ? selectAll() : onSelect(() => nobody))}
              />
            </div>
            <SortHeader label="Name" by="displayName" sort={sort} onSort={onSort} />
            {columns.map(({ path, label, sortBy }) => (
              <SortHeader key={path} label={label} by={sortBy} sort={sort} onSort={onSort} />
            ))}
          </div>
        </div>
        {counted === 0 ? (
          <div role="rowgroup">
            <div role="row">
              <div role="gridcell">
                <Empty search={search} filter={filter} onNew={onNew} onClearFilter={onClearFilter} />
              </div>
            </div>
          </div>
        ) : (
          // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the rows inside are what is focused
          <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative', minWidth }} onKeyDown={onKeyDown}>
            {visible.map(({ index, start }) => {
              const person = personAt(index);
              const key = person && draftKey(tenant, person.id);
              return (
                <PersonRow
                  key={index}
                  index={index}
                  top={start - headHeight}
                  height={rowHeight}
                  person={person}
                  columns={columns}
                  isActive={index === active}
                  isOpen={person !== undefined && person.id === openId}
                  isSelected={person !== undefined && selection.ids.has(person.id)}
                  isDraft={key !== undefined && unsaved.has(key)}
                  changedBy={key === undefined ? undefined : recent.get(key)?.author}
                  present={person && present.get(person.id)}
                  onPick={pick}
                />
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}

function layoutOf(columns: readonly Column[]): { template: string; minWidth: number } {
  const squeezed = columns.length <= squeezedMax;
  const tracks = columns.map(({ path, width }) =>
    path === 'active' ? `${width}px` : `minmax(${squeezed ? 0 : width}px, ${width}fr)`,
  );
  const widths = columns.reduce((sum, { width }) => sum + width + gap, 0);
  return {
    template: ['24px', `minmax(${squeezed ? 0 : nameWidth}px, ${nameWidth}fr)`, ...tracks].join(' '),
    minWidth: squeezed ? 0 : 24 + nameWidth + gap + widths + 24,
  };
}

interface HeaderProps {
  label: string;
  by: string | undefined;
  sort: Sorting;
  onSort: (sort: Sorting) => void;
}

function SortHeader({ label, by, sort, onSort }: HeaderProps) {
  if (by === undefined)
    return (
      <div role="columnheader" className="cell">
        <Text span size="xs" fw={600} c="dimmed">
          {label}
        </Text>
      </div>
    );
  const isSorted = sort.by === by;
  const Icon = sort.descending ? IconArrowDown : IconArrowUp;
  return (
    <div role="columnheader" aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'} className="cell">
      <button type="button" className="sort" onClick={() => onSort({ by, descending: isSorted && !sort.descending })}>
        {label} {isSorted && <Icon size={12} aria-hidden />}
      </button>
    </div>
  );
}
