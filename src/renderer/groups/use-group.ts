import { useMutation } from '@tanstack/react-query';
import { notifications } from '@mantine/notifications';
import type { ShownGroup } from '../../api/index.ts';
import { same, type Author, type Resource } from '../../directory/pure.ts';
import { client, queryClient, refusalOf, trpc } from '../connection.ts';
import type { Seen } from '../editor/draft.ts';
import { draftKey, drafts } from '../editor/drafts.ts';
import { seenOf, toastWithUndo } from '../editor/use-save.tsx';

const self: Author = { id: 'administrator', name: 'Administrator', kind: 'person', door: 'window' };
const retriesMax = 5;

function ownSeen({ resource, version, revision, lastModified }: Omit<ShownGroup, 'lastChange'>): Seen {
  return { resource, version, revision, author: self, at: lastModified };
}

const onSettled = () => queryClient.invalidateQueries(trpc.groups.pathFilter());

/** Reads what the directory has now, and gives it to the draft: the same way as a change on the stream. */
async function catchUp(tenant: string, id: string): Promise<void> {
  const key = draftKey(tenant, id);
  try {
    drafts.dispatch(key, { type: 'seen', seen: seenOf(await client.groups.get.query({ tenant, id })) });
  } catch (error) {
    if (refusalOf(error)?.code !== 'NOT_FOUND') throw error;
    const { entries } = await client.history.list.query({ tenant, type: 'Group', id, limit: 1 });
    const [last] = entries;
    if (last) drafts.dispatch(key, { type: 'deleted', author: last.author, at: last.at, revision: last.revision });
  }
}

/** @returns whether a refusal says that the group is another one by now. */
function isOutdated(error: unknown): boolean {
  return ['VERSION_MISMATCH', 'NOT_FOUND'].includes(refusalOf(error)?.code ?? '');
}

/**
 * Saves the draft of a group's record against the version that it stands on. Members that came or went meanwhile are no
 * reason to ask: the save leaves them as they are.
 */
export function useSaveGroup(tenant: string, id: string) {
  const key = draftKey(tenant, id);
  return useMutation({
    mutationFn: async (): Promise<void> => {
      for (let retries = 0; retries < retriesMax; retries++) {
        const draft = drafts.get(key);
        if (!draft || draft.theirs || draft.deleted) return;
        const { base, mine: sent } = draft;
        try {
          const written = await client.groups.save.mutate({ tenant, id, record: sent, expectedVersion: base.version });
          drafts.dispatch(key, { type: 'saved', sent, seen: ownSeen(written) });
          const record = base.resource;
          toastWithUndo('Saved', () => client.groups.save.mutate({ tenant, id, record, expectedVersion: written.version }));
          return;
        } catch (error) {
          if (!isOutdated(error)) throw error;
          await catchUp(tenant, id);
          const now = drafts.get(key)?.base;
          if (!now || !same(now.resource, base.resource)) return;
        }
      }
    },
    onSettled,
  });
}

/** @returns the id of the group that was created. */
export function useCreateGroup(tenant: string) {
  return useMutation({
    mutationFn: async ({ id: _none, ...record }: Resource): Promise<string> => {
      const written = await client.groups.create.mutate({ tenant, record });
      drafts.open(draftKey(tenant, written.resource.id), ownSeen(written));
      notifications.show({ message: 'Added' });
      return written.resource.id;
    },
    onSettled,
  });
}

/** Brings a group back that somebody else deleted, with the draft's content, its members, and into its groups. */
export function useRecreateGroup(tenant: string, id: string) {
  const key = draftKey(tenant, id);
  return useMutation({
    mutationFn: async () => {
      const draft = drafts.get(key);
      if (!draft) return;
      const written = await client.groups.recreate.mutate({ tenant, id, record: draft.mine });
      drafts.drop(key);
      drafts.open(key, ownSeen(written));
      notifications.show({ message: 'Brought back' });
    },
    onSettled,
  });
}

/** @returns whether it was deleted; not where the group has changed since it was shown. */
export function useDeleteGroup(tenant: string, id: string, onDeleted: () => void) {
  const key = draftKey(tenant, id);
  return useMutation({
    mutationFn: async (): Promise<boolean> => {
      const draft = drafts.get(key);
      if (!draft) return true;
      const { resource, version } = draft.base;
      try {
        await client.groups.delete.mutate({ tenant, id, expectedVersion: version });
      } catch (error) {
        if (!isOutdated(error)) throw error;
        await catchUp(tenant, id);
        return false;
      }
      onDeleted();
      drafts.drop(key);
      toastWithUndo('Deleted', () => client.groups.recreate.mutate({ tenant, id, record: resource }));
      return true;
    },
    onSettled,
  });
}
