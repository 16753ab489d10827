import { useMutation } from '@tanstack/react-query';
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { userUrn, type Author, type Resource } from '../../directory/pure.ts';
import type { Person } from '../../api/index.ts';
import { client, messageOf, queryClient, refusalOf, trpc } from '../connection.ts';
import { draftKey, drafts } from './drafts.ts';
import type { Seen } from './draft.ts';
import { withoutEmptyRows } from './values.ts';

/** A person who is not in the directory yet. */
export const nobody: Resource = { schemas: [userUrn], id: '' };

export const self: Author = { id: 'administrator', name: 'Administrator', kind: 'person', door: 'window' };

export function seenOf(person: Person): Seen {
  const { resource, version, revision, lastChange } = person;
  return { resource, version, revision, author: lastChange.author, at: lastChange.at };
}

function ownSeen({ resource, version, revision, lastModified }: Omit<Person, 'lastChange'>): Seen {
  return { resource, version, revision, author: self, at: lastModified };
}

/** Reads what the directory has now, and gives it to the draft: the same way as a change on the stream. */
export async function catchUp(tenant: string, id: string): Promise<void> {
  const key = draftKey(tenant, id);
  try {
    const person = await client.people.get.query({ tenant, id });
    drafts.dispatch(key, { type: 'seen', seen: seenOf(person) });
  } catch (error) {
    if (refusalOf(error)?.code !== 'NOT_FOUND') throw error;
    const { entries } = await client.history.list.query({ tenant, type: 'User', id, limit: 1 });
    const [last] = entries;
    if (last) drafts.dispatch(key, { type: 'deleted', author: last.author, at: last.at, revision: last.revision });
  }
}

/** Saves a draft against the version that it stands on. What was not seen is never overwritten. */
export function useSave(tenant: string, id: string) {
  const key = draftKey(tenant, id);
  return useMutation({
    mutationFn: async (): Promise<void> => {
      const draft = drafts.get(key);
      if (!draft || draft.theirs || draft.deleted) return;
      const sent = withoutEmptyRows(draft.mine, draft.base.resource);
      if (sent !== draft.mine) drafts.dispatch(key, { type: 'edit', mine: sent, path: 'empty rows' });
      const before = draft.base.resource;
      try {
        const written = await client.people.save.mutate({ tenant, id, record: sent, expectedVersion: draft.base.version });
        drafts.dispatch(key, { type: 'saved', sent, seen: ownSeen(written) });
        const undo = () => client.people.save.mutate({ tenant, id, record: before, expectedVersion: written.version });
        toastWithUndo('Saved', undo);
      } catch (error) {
        const code = refusalOf(error)?.code;
        // The stream was late, or is lost: what it would have told comes from the directory itself.
        if (code === 'VERSION_MISMATCH' || code === 'NOT_FOUND') await catchUp(tenant, id);
        else throw error;
      }
    },
    onSettled: () => queryClient.invalidateQueries(trpc.people.pathFilter()),
  });
}

/** Brings a deleted user back with the draft's content. */
export function useRecreate(tenant: string, id: string) {
  const key = draftKey(tenant, id);
  return useMutation({
    mutationFn: async () => {
      const draft = drafts.get(key);
      if (!draft) return;
      const written = await client.people.recreate.mutate({ tenant, id, record: draft.mine });
      drafts.drop(key);
      drafts.open(key, ownSeen(written));
      notifications.show({ message: 'Brought back' });
    },
    onSettled: () => queryClient.invalidateQueries(trpc.people.pathFilter()),
  });
}

/** @returns the id of the person who was created. */
export function useCreate(tenant: string) {
  return useMutation({
    mutationFn: async (record: Resource): Promise<string> => {
      const { id: _none, ...rest } = withoutEmptyRows(record, nobody);
      const written = await client.people.create.mutate({ tenant, record: rest });
      drafts.drop(draftKey(tenant, 'new'));
      drafts.open(draftKey(tenant, written.resource.id), ownSeen(written));
      notifications.show({ message: 'Added' });
      return written.resource.id;
    },
    onSettled: () => queryClient.invalidateQueries(trpc.people.pathFilter()),
  });
}

/**
 * @param onDeleted is called before the draft goes, and with it the screen that shows it.
 * @returns whether they were deleted; not where somebody has changed them since they were shown.
 */
export function useDelete(tenant: string, id: string, onDeleted: () => void) {
  const key = draftKey(tenant, id);
  return useMutation({
    mutationFn: async (): Promise<boolean> => {
      const draft = drafts.get(key);
      if (!draft) return true;
      const { resource, version } = draft.base;
      try {
        await client.people.delete.mutate({ tenant, id, expectedVersion: version });
      } catch (error) {
        if (!['VERSION_MISMATCH', 'NOT_FOUND'].includes(refusalOf(error)?.code ?? '')) throw error;
        await catchUp(tenant, id);
        return false;
      }
      onDeleted();
      drafts.drop(key);
      toastWithUndo('Deleted', () => client.people.recreate.mutate({ tenant, id, record: resource }));
      return true;
    },
    onSettled: () => queryClient.invalidateQueries(trpc.people.pathFilter()),
  });
}

/** Tells what was done, and offers to take it back for a while. */
export function toastWithUndo(text: string, undo: () => Promise<unknown>): void {
  const id = crypto.randomUUID();
  const onClick = () => {
    notifications.hide(id);
    undo().then(
      () => notifications.show({ message: 'Undone' }),
      (error: unknown) =>
        notifications.show({
          color: 'red',
          message:
            refusalOf(error)?.code === 'VERSION_MISMATCH'
              ? 'Somebody has changed it since, so it was not undone.'
              : messageOf(error),
        }),
    );
  };
  notifications.show({
    id,
    autoClose: 10_000,
    message: (
      <>
        {text}{' '}
        <Button size="compact-sm" variant="default" onClick={onClick} ml="sm">
          Undo
        </Button>
      </>
    ),
  });
}
