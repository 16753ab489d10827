import { useQuery } from '@tanstack/react-query';
import type { Task } from '../../api/index.ts';
import { trpc } from '../connection.ts';

const none: readonly Task[] = [];

/** The requests that are worked on or wait, over all conversations. */
export function useRunning(tenant: string): readonly Task[] {
  return useQuery(trpc.assistant.running.queryOptions({ tenant })).data ?? none;
}
