import { Button, Center, Group, Stack, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { GroupSummary } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';
import { draftKey, useUnsaved } from '../editor/drafts.ts';
import { ListFailed } from '../list-failed.tsx';
import { useRecent } from '../live.ts';
import { Avatars } from '../presence/avatars.tsx';
import { usePresent } from '../presence/use-presence.ts';
import { useTransfer } from '../transfer/transfer.tsx';
import { ago, authorName, exactTime } from '../words.ts';
import { ListRows } from './list-rows.tsx';
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
  const list = useRows(total, rowHeight);
  const { rows, setActive } = list;
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
  if (first?.error && !first.data) return <ListFailed error={first.error} onRetry={() => void first.refetch()} />;
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
      <ListRows
        list={list}
        rowHeight={rowHeight}
        className="group-columns"
        rowAt={groupAt}
        openId={openId}
        onOpen={onOpen}
        empty={counted === 0 && <Empty search={search} onNew={onNew} />}
      >
        {(group) => {
          const key = draftKey(tenant, group.id);
          const change = recent.get(key);
          return (
            <>
              <span role="gridcell" className="cell">
                <span className="name">
                  <bdi className="cell">{group.displayName}</bdi>
                  {unsaved.has(key) && (
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
          );
        }}
      </ListRows>
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
