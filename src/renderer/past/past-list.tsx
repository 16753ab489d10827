import { Button, Center, Loader, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, type KeyboardEvent } from 'react';
import type { GroupSummary, UserSummary } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import type { ListKind } from '../groups/list-switch.tsx';
import { useRows } from '../groups/use-rows.ts';

interface Props {
  tenant: string;
  moment: string;
  list: ListKind;
  search: string;
  openId: string | undefined;
  onOpen: (id: string) => void;
  /** Told how many are not known any more. */
  onUnknown: (count: number) => void;
}

const pageSize = 100;
const rowHeight = 44;

/** People or groups of a moment, by name: only the rows on screen exist, and only their pages are read. */
export function PastList({ tenant, moment, list, search, openId, onOpen, onUnknown }: Props) {
  const optionsOf = (page: number) => {
    const input = { tenant, moment, offset: page * pageSize, limit: pageSize, ...(search === '' ? {} : { search }) };
    const { people, groups } = trpc.history.past;
    type Shown = { total: number; unknown: number; rows: (UserSummary | GroupSummary)[] };
    const options = list === 'people' ? people.queryOptions(input) : groups.queryOptions(input);
    // Both lists show a name and a line below it.
    return options as unknown as { queryKey: readonly unknown[]; queryFn: () => Promise<Shown> };
  };
  const first = useQuery({ ...optionsOf(0), placeholderData: keepPreviousData });
  const total = first.data?.total ?? 0;
  const { scroller, rows, active, setActive, moveBy } = useRows(total, rowHeight);
  const visible = rows.getVirtualItems();
  const [from = 0, to = 0] = [visible[0]?.index, visible.at(-1)?.index].map((index = 0) => Math.floor(index / pageSize));
  const pages = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const results = useQueries({ queries: pages.map((page) => optionsOf(page)) });
  const unknown = first.data?.unknown ?? 0;
  useEffect(() => onUnknown(unknown), [unknown, onUnknown]);
  useEffect(() => {
    setActive(0);
    rows.scrollToOffset(0);
    // Only when the list is another one; `rows` is a new object with each render.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [search]);
  const rowAt = (index: number) => results[pages.indexOf(Math.floor(index / pageSize))]?.data?.rows[index % pageSize];
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rowAt(active);
    if (!moveBy(event) && event.key === 'Enter' && row) onOpen(row.id);
  };
  if (first.error)
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
  if (!first.data)
    return (
      <Center p="xl">
        <Stack align="center" gap="xs">
          <Loader size="sm" aria-hidden />
          <Text size="sm" c="dimmed" role="status">
            Putting together what there was …
          </Text>
        </Stack>
      </Center>
    );
  const what = list === 'people' ? (total === 1 ? 'person' : 'people') : total === 1 ? 'group' : 'groups';
  return (
    <>
      <Text size="xs" c="dimmed" px={12} pb={4} aria-live="polite">
        {total.toLocaleString('en')} {what}
        {search === '' ? '' : ' found'}
      </Text>
      <div
        role="grid"
        aria-label={list === 'people' ? 'People of then' : 'Groups of then'}
        aria-rowcount={total + 1}
        style={{ display: 'contents' }}
      >
        {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the rows inside are what is focused */}
        <div role="rowgroup" ref={scroller} className="scroll" onKeyDown={onKeyDown}>
          <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {visible.map(({ index, start }) => {
              const row = rowAt(index);
              return (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the group above has the keys
                <div
                  key={index}
                  role="row"
                  className="table-row past-row"
                  aria-rowindex={index + 2}
                  aria-selected={row !== undefined && row.id === openId}
                  tabIndex={index === active ? 0 : -1}
                  style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                  onClick={() => {
                    setActive(index);
                    if (row) onOpen(row.id);
                  }}
                >
                  <span role="gridcell" className="cell" aria-label={row ? undefined : 'Loading'}>
                    {row ? <bdi>{row.displayName}</bdi> : '…'}
                    {row && <span className="sub">{secondLine(row)}</span>}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </>
  );
}

function secondLine(row: UserSummary | GroupSummary): string {
  if ('memberCount' in row) return row.memberCount === 1 ? '1 member' : `${row.memberCount.toLocaleString('en')} members`;
  const parts = [row.title, row.department, ...(row.active ? [] : ['inactive'])];
  return parts.filter(Boolean).join(' · ') || row.userName;
}
