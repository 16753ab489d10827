import { useQuery } from '@tanstack/react-query';
import type { inferOutput } from '@trpc/tanstack-react-query';
import { useEffect } from 'react';
import type { Presence, ResourceType } from '../../directory/pure.ts';
import { queryClient, trpc } from '../connection.ts';
import { announcer, holder } from './announcer.ts';

type ByRecord = ReadonlyMap<string, readonly Presence[]>;

/** As it arrives: without what is undefined. */
type Listed = inferOutput<typeof trpc.presence.list>;

const nobody: readonly Presence[] = [];

/** Who else is at which user or group of a tenant, by its id. */
export function usePresent(tenant: string): ByRecord {
  const { data } = useQuery({ ...trpc.presence.list.queryOptions({ tenant }), select: byRecord });
  return data ?? none;
}

const none: ByRecord = new Map();

/** Says that this window shows a user or group, as long as it does. @returns who else is at it. */
export function usePresenceAt(tenant: string, id: string): readonly Presence[] {
  useEffect(() => announcer.show({ tenant, id }), [tenant, id]);
  return usePresent(tenant).get(id) ?? nobody;
}

/** Takes in who is at a user or group now. */
export function receivePresence(at: { tenant: string; type: ResourceType; id: string; present: readonly Presence[] }): void {
  const { tenant, type, id, present } = at;
  queryClient.setQueryData(trpc.presence.list.queryKey({ tenant }), (old) =>
    old ? [...old.filter((one) => one.type !== type || one.resourceId !== id), ...(present as Readonly<Listed>)] : old,
  );
}

function byRecord(all: readonly Presence[]): ByRecord {
  const found = new Map<string, Presence[]>();
  for (const one of all) {
    if (one.holder === holder) continue;
    const others = found.get(one.resourceId);
    if (others) others.push(one);
    else found.set(one.resourceId, [one]);
  }
  return found;
}
