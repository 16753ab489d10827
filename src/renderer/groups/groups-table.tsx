import { Button, Center, Group, Stack, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useState, type KeyboardEvent } from 'react';
import type { GroupSummary } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { draftKey, useUnsaved } from '../editor/drafts.ts';
import { useRecent } from '../live.ts';
import { Avatars } from '../presence/avatars.tsx';
import { usePresent } from '../presence/use-presence.ts';
import { useTransfer } from '../transfer/transfer.tsx';
import { ago, authorName, exactTime } from '../words.ts';
import { useRows } from './use-rows.ts';

/** How the list of groups is sorted. */
export interface GroupSorting {
  by: 'displayName' | 'lastModified';
  descending: boolean;
}

interface Props {
  tenant: string;
  search: string;
  sort: GroupSorting;
  onSort: (sort: GroupSorting) => void;
  openId: string | undefined;
  onOpen: (id: string) => void;
  onNew: () => void;
  /** Told how many there are, and for which search: while one runs, the rows are still those of the one before. */
  onCounted: (counted: { total: number; search: string }) => void;
}

const pageSize = 100;
const rowHeight = 44;

/** The groups of a tenant: only the rows on screen exist, and only their pages are read. */
export function GroupsTable({ tenant, search, sort, onSort, openId, onOpen, onNew, onCounted }: Props) {
  const [total, setTotal] = useState(0);
  const { scroller, rows, active, setActive, moveBy } = useRows(total, rowHeight);
  const unsaved = useUnsaved();
  const recent = useRecent();
  const present = usePresent(tenant);
  const visible = rows.getVirtualItems();
  const [from = 0, to = 0] = [visible[0]?.index, visible.at(-1)?.index].map((index = 0) => Math.floor(index / pageSize));
  const pages = useMemo(
    () => [...new Set([0, ...Array.from({ length: to - from + 1 }, (_, index) => from + index)])],
    [from, to],
  );
  const results = useQueries({
    queries: pages.map((page) => ({
      ...trpc.groups.list.queryOptions({
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

  const groupAt = (index: number): GroupSummary | undefined =>
    results[pages.indexOf(Math.floor(index / pageSize))]?.data?.rows[index % pageSize];
  const onKeyDown = (event: KeyboardEvent) => {
    const group = groupAt(active);
    if (!moveBy(event) && event.key === 'Enter' && group) onOpen(group.id);
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
    <div role="grid" aria-label="Groups" aria-rowcount={total + 1} style={{ display: 'contents' }}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="table-row table-head group-columns">
          <SortHeader label="Name" by="displayName" sort={sort} onSort={onSort} />
          <div role="columnheader" className="group-count">
            <span className="heading">Members</span>
          </div>
          <SortHeader label="Changed" by="lastModified" sort={sort} onSort={onSort} />
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
              const group = groupAt(index);
              const key = group && draftKey(tenant, group.id);
              const change = key === undefined ? undefined : recent.get(key);
              return (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the group above has the keys
                <div
                  key={index}
                  role="row"
                  className="table-row group-columns"
                  aria-rowindex={index + 2}
                  aria-selected={group !== undefined && group.id === openId}
                  tabIndex={index === active ? 0 : -1}
                  style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                  onClick={() => {
                    setActive(index);
                    if (group) onOpen(group.id);
                  }}
                >
                  {group ? (
                    <>
                      <span role="gridcell" className="cell">
                        <span className="name">
                          <bdi className="cell">{group.displayName}</bdi>
                          {key !== undefined && unsaved.has(key) && (
                            <Text span size="xs" fw={600} className="brand">
                              draft
                            </Text>
                          )}
                          <Avatars present={present.get(group.id) ?? []} />
                        </span>
                        {change && <span className="sub">changed by {authorName(change.author)} just now</span>}
                      </span>
                      <span role="gridcell" className="cell group-count">
                        {group.memberCount.toLocaleString('en')}
                      </span>
                      <span role="gridcell" className="cell" title={exactTime(group.lastModified)}>
                        {ago(group.lastModified)}
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

function SortHeader(props: { label: string; by: GroupSorting['by']; sort: GroupSorting; onSort: (sort: GroupSorting) => void }) {
  const { label, by, sort, onSort } = props;
  const isSorted = sort.by === by;
  const Icon = sort.descending ? IconArrowDown : IconArrowUp;
  // The newest first is what one looks for among changes.
  const descending = isSorted ? !sort.descending : by === 'lastModified';
  return (
    <div role="columnheader" aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}>
      <button type="button" className="sort" onClick={() => onSort({ by, descending })}>
        {label} {isSorted && <Icon size={12} aria-hidden />}
      </button>
    </div>
  );
}

function Empty({ search, onNew }: { search: string; onNew: () => void }) {
  const { openImport } = useTransfer();
  return (
    <Center p="xl">
      <Stack align="center" gap="sm">
        <Text size="sm" ta="center">
          {search === '' ? 'There are no groups yet.' : `No group matches “${search}”.`}
        </Text>
        {search === '' && (
          <Group gap="xs" justify="center">
            <Button variant="default" onClick={onNew}>
              Add the first group
            </Button>
            <Button variant="default" onClick={() => openImport({ kind: 'groups' })}>
              Import groups
            </Button>
          </Group>
        )}
      </Stack>
    </Center>
  );
}
