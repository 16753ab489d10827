import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Page, UserSummary } from '../../directory/pure.ts';
import { client, trpc } from '../connection.ts';

export interface Sorting {
  /** As the directory takes it: a sort key or a SCIM path. */
  by: string;
  descending: boolean;
}

/** Which people a table shows, and in which order. */
export interface PeopleList {
  tenant: string;
  search: string;
  /** SCIM filter; '' for none. */
  filter: string;
  sort: Sorting;
  /** SCIM paths of what is shown beside the summary. */
  columns: readonly string[];
}

const pageSize = 100;
const rangePage = 500;

function inputOf({ tenant, search, filter, sort }: Omit<PeopleList, 'columns'>, offset: number, limit: number) {
  return { tenant, sort, offset, limit, ...(search === '' ? {} : { search }), ...(filter === '' ? {} : { filter }) };
}

/**
 * Reads the pages of a list that are on screen, and the first one, which says how many there are.
 * @param first and @param last: the rows on screen.
 */
export function usePeople(list: PeopleList, first: number, last: number) {
  const [firstPage, lastPage] = [Math.floor(first / pageSize), Math.floor(last / pageSize)];
  const pages = useMemo(
    () => [...new Set([0, ...Array.from({ length: lastPage - firstPage + 1 }, (_, index) => firstPage + index)])],
    [firstPage, lastPage],
  );
  const { columns } = list;
  const results = useQueries({
    queries: pages.map((page) => ({
      ...trpc.people.list.queryOptions({
        ...inputOf(list, page * pageSize, pageSize),
        ...(columns.length > 0 && { columns: [...columns] }),
      }),
      placeholderData: withoutValues,
    })),
  });
  const [top] = results;
  return {
    /** Undefined while the answer on screen is that of the list before. */
    total: top?.isPlaceholderData === true ? undefined : top?.data?.total,
    /** Why there is nothing to show. */
    error: top?.data === undefined ? (top?.error ?? undefined) : undefined,
    refetch: () => void top?.refetch(),
    personAt: (row: number): UserSummary | undefined =>
      results[pages.indexOf(Math.floor(row / pageSize))]?.data?.rows[row % pageSize],
  };
}

/** The rows of the list before stay while another one is read, without values that may be those of other columns. */
function withoutValues(page: Page<UserSummary> | undefined): Page<UserSummary> | undefined {
  return page && { ...page, rows: page.rows.map(({ values: _values, ...row }) => row) };
}

/** @returns the ids of the people in some rows of a list, first and last included. */
export async function idsBetween(list: PeopleList, from: number, to: number): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = from; offset <= to; offset += rangePage) {
    const { rows } = await client.people.list.query(inputOf(list, offset, Math.min(rangePage, to - offset + 1)));
    ids.push(...rows.map(({ id }) => id));
    if (rows.length === 0) break;
  }
  return ids;
}
