import { useSessionStorage } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { client, queryClient, refusalOf, trpc } from '../connection.ts';
import { differences, rebase, toDraft, toPolicy, type PolicyDraft } from './rules.ts';

/** A tenant's policy and what somebody makes of it here. What is not saved outlives closing the dialog, and a reload. */
export function usePolicy(tenant: string) {
  const current = useQuery({ ...trpc.policy.get.queryOptions({ tenant }), staleTime: 0, refetchOnWindowFocus: 'always' });
  const [stored, setStored, forget] = useSessionStorage<{ version: string; base: PolicyDraft; mine: PolicyDraft } | null>({
    key: `tandem.policy.${tenant}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const { data } = current;
  const now = useMemo(() => data && { version: data.version, draft: toDraft(data.policy) }, [data]);
  const changed = stored && !isSame(stored.base, stored.mine) ? stored : undefined;
  const save = useMutation({
    mutationFn: async () => {
      if (!changed) return;
      const saved = await client.policy.update.mutate({
        tenant,
        policy: toPolicy(changed.mine),
        expectedVersion: changed.version,
      });
      forget();
      queryClient.setQueryData(trpc.policy.get.queryKey({ tenant }), saved);
      notifications.show({ message: 'Policy saved' });
    },
    onError: (error) => {
      if (refusalOf(error)?.code === 'VERSION_MISMATCH') void current.refetch();
    },
  });
  const edit = (change: (draft: PolicyDraft) => PolicyDraft) => {
    if (!now) return;
    const { version, base } = changed ?? { version: now.version, base: now.draft };
    const mine = change(changed?.mine ?? now.draft);
    if (isSame(base, mine)) forget();
    else setStored({ version, base, mine });
    save.reset();
  };
  /** What others have changed since this draft was begun. */
  const theirs = changed && now && changed.version !== now.version ? differences(changed.base, now.draft) : undefined;
  const isMismatch = refusalOf(save.error)?.code === 'VERSION_MISMATCH';
  return {
    isLoading: !now && !current.error,
    error: current.error,
    retry: () => void current.refetch(),
    draft: changed?.mine ?? now?.draft,
    isChanged: changed !== undefined,
    theirs,
    edit,
    save: () => save.mutate(),
    isSaving: save.isPending,
    saveError: save.error && !isMismatch ? save.error : undefined,
    discard: () => {
      forget();
      save.reset();
    },
    /** Puts the changes on what others have made of it. */
    catchUp: () => {
      if (!changed || !now) return;
      setStored({ version: now.version, base: now.draft, mine: rebase(changed.base, changed.mine, now.draft) });
      save.reset();
    },
  };
}

/** An exception that says nothing yet is a change, too: it was just added. */
function isSame(base: PolicyDraft, mine: PolicyDraft): boolean {
  const clients = (draft: PolicyDraft) => JSON.stringify(draft.clients.map(({ client }) => client));
  return differences(base, mine).length === 0 && clients(base) === clients(mine);
}
