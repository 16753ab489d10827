import { Center, Loader, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { GroupSummary, UserSummary } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';
import { ListRows } from '../groups/list-rows.tsx';
import type { ListKind } from '../groups/list-switch.tsx';
import { useRows } from '../groups/use-rows.ts';
import { ListFailed } from '../list-failed.tsx';

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
  const shown = useRows(total, rowHeight);
  const { rows, setActive } = shown;
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
  if (first.error) return <ListFailed error={first.error} onRetry={() => void first.refetch()} />;
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
        <ListRows list={shown} rowHeight={rowHeight} className="past-row" rowAt={rowAt} openId={openId} onOpen={onOpen}>
          {(row) => (
            <span role="gridcell" className="cell">
              <bdi>{row.displayName}</bdi>
              <span className="sub">{secondLine(row)}</span>
            </span>
          )}
        </ListRows>
      </div>
    </>
  );
}

function secondLine(row: UserSummary | GroupSummary): string {
  if ('memberCount' in row) return row.memberCount === 1 ? '1 member' : `${row.memberCount.toLocaleString('en')} members`;
  const parts = [row.title, row.department, ...(row.active ? [] : ['inactive'])];
  return parts.filter(Boolean).join(' · ') || row.userName;
}
