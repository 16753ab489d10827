import { useQuery } from '@tanstack/react-query';
import type { Alarm } from '../../api/index.ts';
import { trpc } from '../connection.ts';

const everyMs = 10_000;

/** What needs a person now; undefined while that is not known. */
export function useAlarms(): readonly Alarm[] | undefined {
  return useQuery({ ...trpc.observe.alarms.queryOptions(), refetchInterval: everyMs }).data;
}
