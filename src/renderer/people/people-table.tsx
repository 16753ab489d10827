import { Button, Center, Stack, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { SortKey, UserSummary } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { draftKey, useUnsaved } from '../editor/drafts.ts';
import { useRecent } from '../live.ts';
import { byName } from '../words.ts';

export interface Sorting {
  by: SortKey;
  descending: boolean;
}

export interface Counted {
  total: number;
  search: string;
}

interface Props {
  tenant: string;
  search: string;
  sort: Sorting;
  onSort: (sort: Sorting) => void;
  openId: string | undefined;
  onOpen: (id: string) => void;
  onNew: () => void;
  /** Told how many there are, and for which search: while one runs, the rows are still those of the one before. */
  onCounted: (counted: Counted) => void;
}

const pageSize = 100;
const rowHeight = 44;
const columns: { by: SortKey; label: string }[] = [
  { by: 'displayName', label: 'Name' },
  { by: 'department', label: 'Department' },
  { by: 'active', label: 'Status' },
];

/** A table of any length: only the rows on screen exist, and only their pages are read. */
export function PeopleTable({ tenant, search, sort, onSort, openId, onOpen, onNew, onCounted }: Props) {
  const [active, setActive] = useState(0);
  const [total, setTotal] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const unsaved = useUnsaved();
  const recent = useRecent();
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const visible = rows.getVirtualItems();
  const [firstPage, lastPage] = [visible[0]?.index ?? 0, visible.at(-1)?.index ?? 0].map((index) => Math.floor(index / pageSize));
  const pages = useMemo(() => {
    const from = firstPage ?? 0;
    return [...new Set([0, ...Array.from({ length: (lastPage ?? 0) - from + 1 }, (_, index) => from + index)])];
  }, [firstPage, lastPage]);
  const results = useQueries({
    queries: pages.map((page) => ({
      ...trpc.people.list.queryOptions({
        tenant,
        sort,
        offset: page * pageSize,
        limit: pageSize,
        ...(search === '' ? {} : { search }),
      }),
      placeholderData: keepPreviousData,
    })),
  });
  const first = results[0];
  const counted = first?.data?.total;
  const isOld = first?.isPlaceholderData === true;
  useEffect(() => {
    if (counted === undefined || isOld) return;
    setTotal(counted);
    onCounted({ total: counted, search });
  }, [counted, isOld, search, onCounted]);
  useEffect(() => {
    setActive(0);
    rows.scrollToOffset(0);
    // Only when the list is another one; `rows` is a new object with each render.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [tenant, search, sort]);

  const personAt = (index: number): UserSummary | undefined =>
    results[pages.indexOf(Math.floor(index / pageSize))]?.data?.rows[index % pageSize];

  const move = (index: number) => {
    const next = Math.max(0, Math.min(total - 1, index));
    setActive(next);
    rows.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${next + 2}"]`)?.focus());
  };
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
    if (next !== undefined) {
      event.preventDefault();
      move(next);
    } else if (event.key === 'Enter' && person) onOpen(person.id);
  };

  if (first?.error && !first.data)
    return (
      <Center p="xl">
        <Stack align="center">
          <Text size="sm" ta="center" role="alert">
            {messageOf(first.error)}
          </Text>
          <Button variant="default" onClick={() => void first.refetch()}>
            Try again
          </Button>
        </Stack>
      </Center>
    );
  return (
    <div role="grid" aria-label="People" aria-rowcount={total + 1} style={{ display: 'contents' }}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="table-row table-head">
          {columns.map(({ by, label }) => (
            <SortHeader
              key={by}
              label={label}
              state={sort.by === by ? (sort.descending ? 'descending' : 'ascending') : 'none'}
              onSort={() => onSort({ by, descending: sort.by === by && !sort.descending })}
            />
          ))}
        </div>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the rows inside are what is focused */}
      <div role="rowgroup" ref={scroller} className="scroll" onKeyDown={onKeyDown}>
        {counted === 0 ? (
          <div role="row">
            <div role="gridcell">
              <Empty search={search} onNew={onNew} />
            </div>
          </div>
        ) : (
          <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {visible.map(({ index, start }) => {
              const person = personAt(index);
              const key = person && draftKey(tenant, person.id);
              const change = key === undefined ? undefined : recent.get(key);
              return (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the group above has the keys
                <div
                  key={index}
                  role="row"
                  className="table-row"
                  aria-rowindex={index + 2}
                  aria-selected={person !== undefined && person.id === openId}
                  tabIndex={index === active ? 0 : -1}
                  style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                  onClick={() => {
                    setActive(index);
                    if (person) onOpen(person.id);
                  }}
                >
                  {person ? (
                    <>
                      <span role="gridcell" className="cell">
                        <span className="name">
                          <bdi className="cell">{person.displayName}</bdi>
                          {key !== undefined && unsaved.has(key) && (
                            <Text span size="xs" fw={600} className="brand">
                              draft
                            </Text>
                          )}
                        </span>
                        <span className="sub">
                          {change ? `changed by ${byName(change.author)} just now` : person.title || person.userName}
                        </span>
                      </span>
                      <span role="gridcell" className="cell">
                        {person.department}
                      </span>
                      <span role="gridcell" className="cell">
                        {person.active ? 'Active' : 'Inactive'}
                      </span>
                    </>
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
    </div>
  );
}

function SortHeader({ label, state, onSort }: { label: string; state: 'none' | 'ascending' | 'descending'; onSort: () => void }) {
  const Icon = state === 'descending' ? IconArrowDown : IconArrowUp;
  return (
    <div role="columnheader" aria-sort={state}>
      <button type="button" className="sort" onClick={onSort}>
        {label} {state !== 'none' && <Icon size={12} aria-hidden />}
      </button>
    </div>
  );
}

function Empty({ search, onNew }: { search: string; onNew: () => void }) {
  return (
    <Center p="xl">
      <Stack align="center" gap="sm">
        <Text size="sm" ta="center">
          {search === '' ? 'Nobody is here yet.' : `Nobody matches “${search}”.`}
        </Text>
        {search === '' && (
          <Button variant="default" onClick={onNew}>
            Add the first person
          </Button>
        )}
      </Stack>
    </Center>
  );
}
