import { useQuery } from '@tanstack/react-query';
import { trpc } from '../connection.ts';

/** How much waits for a person's answer. */
export interface Waiting {
  total: number;
  /** Of changes, by tenant. */
  byTenant: ReadonlyMap<string, number>;
}

/** Changes in all tenants, and AI clients that ask for access. */
export function useWaiting(): Waiting {
  const counts = useQuery(trpc.escalations.counts.queryOptions());
  const access = useQuery(trpc.approvals.pending.queryOptions());
  const byTenant = new Map((counts.data ?? []).map(({ tenant, pending }) => [tenant, pending]));
  const changes = [...byTenant.values()].reduce((sum, pending) => sum + pending, 0);
  return { byTenant, total: changes + (access.data?.length ?? 0) };
}
