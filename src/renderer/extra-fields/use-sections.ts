import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import type { ShownExtension } from '../../api/index.ts';
import type { MemberType, Schema } from '../../directory/pure.ts';
import { client, queryClient, refusalOf, trpc } from '../connection.ts';
import { toastWithUndo } from '../editor/use-save.tsx';

interface Section {
  type: MemberType;
  schema: Schema;
}

async function refresh(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries(trpc.extensions.pathFilter()),
    queryClient.invalidateQueries(trpc.tenants.schemas.pathFilter()),
  ]);
}

const put = (tenant: string, { type, schema }: Section, expectedVersion: string | null): Promise<ShownExtension> =>
  client.extensions.put.mutate({ tenant, type, schema: { ...schema }, expectedVersion });

const remove = (tenant: string, { type, schema }: Section, expectedVersion: string): Promise<void> =>
  client.extensions.remove.mutate({ tenant, type, id: schema.id, expectedVersion });

/** Saves a section over what it stands on. What another window has made of it meanwhile is read, and shown. */
export function useSaveSection(tenant: string) {
  return useMutation({
    mutationFn: async ({ base, ...section }: Section & { base: ShownExtension | null }): Promise<void> => {
      const { version } = await put(tenant, section, base?.version ?? null);
      toastWithUndo(base ? 'Saved' : 'Added: the fields are in the forms now', () =>
        base ? put(tenant, { ...section, schema: base.schema }, version) : remove(tenant, section, version),
      );
    },
    onSettled: refresh,
  });
}

/** How far the removal of a section is. */
export interface Removal {
  /** How many have values still. */
  left: number;
}

/**
 * Removes a section; before, the values that there are, some at a time.
 * @param tell is told how many have values still.
 */
export function useRemoveSection(tenant: string, tell: (removal: Removal) => void) {
  const stopped = useRef(false);
  const mutation = useMutation({
    mutationFn: async ({ base, type }: { base: ShownExtension; type: MemberType }): Promise<'removed' | 'stopped'> => {
      const { schema, version } = base;
      const key = { tenant, type, id: schema.id };
      stopped.current = false;
      for (let left = await client.extensions.count.query(key); left > 0;) {
        if (stopped.current) return 'stopped';
        left = await client.extensions.clear.mutate(key);
        tell({ left });
      }
      await remove(tenant, { type, schema }, version);
      toastWithUndo(`“${schema.name}” is removed`, () => put(tenant, { type, schema }, null));
      return 'removed';
    },
    onSettled: refresh,
  });
  return {
    ...mutation,
    stop: () => (stopped.current = true),
    isOutdated: refusalOf(mutation.error)?.code === 'VERSION_MISMATCH',
  };
}
