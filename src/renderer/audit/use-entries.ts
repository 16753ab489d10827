import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { trpc } from '../connection.ts';
import { queryOf, type AuditFilter } from './filter.ts';

const pageSize = 100;
const typingMs = 250;
const lookAgainMs = 3000;

/** The entries that fit a filter, newest first, read a page at a time. */
export function useEntries(tenant: string, filter: AuditFilter) {
  const [settled] = useDebouncedValue(filter, typingMs);
  const query = useMemo(() => ({ tenant, count: pageSize, ...queryOf(settled) }), [tenant, settled]);
  const pages = useInfiniteQuery({
    ...trpc.audit.list.infiniteQueryOptions(query, { getNextPageParam: ({ nextCursor }) => nextCursor }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = pages;
  const entries = useMemo(() => data?.pages.flatMap((page) => page.entries) ?? [], [data]);
  const last = data?.pages.at(-1);
  // Looking for something rare, the door stops now and then without having found anything.
  const isEmptyPage = last?.entries.length === 0 && hasNextPage;
  useEffect(() => {
    if (isEmptyPage && !isFetching && !isError) void fetchNextPage();
  }, [isEmptyPage, isFetching, isError, fetchNextPage]);
  const latest = useQuery({ ...trpc.audit.latest.queryOptions({ tenant }), refetchInterval: lookAgainMs });
  return {
    entries,
    pages,
    searchedTo: last?.searchedTo,
    /** Whether something happened since they were read. */
    isNewer: (latest.data ?? 0) > (data?.pages[0]?.latest ?? Number.POSITIVE_INFINITY),
  };
}
