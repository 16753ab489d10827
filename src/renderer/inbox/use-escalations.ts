import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ListedEscalation } from '../../api/index.ts';
import type { EscalationState } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';

/** What the list shows: all with those first that wait, those of one state, or what agents ask each other. */
export type InboxFilter = 'all' | EscalationState | 'agents';

const pageSize = 50;

/** What waits for people, newest first, then what was answered; read a page at a time. */
export function useEscalations(tenant: string, filter: InboxFilter) {
  const isAll = filter === 'all';
  const inbox = filter !== 'agents';
  const waiting = useInfiniteQuery({
    ...trpc.escalations.list.infiniteQueryOptions(
      { tenant, inbox, limit: pageSize, state: 'pending' },
      { getNextPageParam: ({ nextCursor }) => nextCursor },
    ),
    enabled: isAll,
    placeholderData: keepPreviousData,
  });
  const state = isAll || filter === 'agents' ? {} : { state: filter };
  const rest = useInfiniteQuery({
    ...trpc.escalations.list.infiniteQueryOptions(
      { tenant, inbox, limit: pageSize, ...state },
      { getNextPageParam: ({ nextCursor }) => nextCursor },
    ),
    enabled: !isAll || (waiting.isSuccess && !waiting.hasNextPage),
    placeholderData: keepPreviousData,
  });
  const escalations = useMemo((): ListedEscalation[] => {
    const restRows = rest.data?.pages.flatMap((page) => page.escalations) ?? [];
    if (filter === 'agents') return restRows.filter(({ to }) => to !== 'people');
    if (!isAll) return restRows;
    const waitingRows = waiting.data?.pages.flatMap((page) => page.escalations) ?? [];
    return [...waitingRows, ...restRows.filter(({ state }) => state !== 'pending')];
  }, [isAll, filter, waiting.data, rest.data]);
  const next = isAll && waiting.hasNextPage ? waiting : rest;
  return {
    escalations,
    error: waiting.error ?? rest.error,
    isReading: (isAll && waiting.isPending) || rest.isFetching,
    isMore: next.hasNextPage,
    readOn: () => {
      if (next.hasNextPage && !next.isFetching && !next.isError) void next.fetchNextPage();
    },
    readAgain: () => void (waiting.error ? waiting : rest).refetch(),
  };
}
