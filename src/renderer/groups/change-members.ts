import { useMutation } from '@tanstack/react-query';
import { queryClient, refusalOf, trpc } from '../connection.ts';
import { toastWithUndo } from '../editor/use-save.tsx';
import { listOf } from '../words.ts';
import { changeMembers } from './memberships.ts';

/** A member as a notification names it. */
export interface Named {
  id: string;
  name: string;
}

/** Adds members to a group, or removes them; either can be undone. Who was there already stays when it is. */
export function useChangeMembers(tenant: string, group: string, groupName?: string) {
  return useMutation({
    mutationFn: async ({ kind, members }: { kind: 'add' | 'remove'; members: readonly Named[] }) => {
      const ids = members.map(({ id }) => id);
      const [redo, undo] = kind === 'add' ? [{ add: ids }, { remove: ids }] : [{ remove: ids }, { add: ids }];
      await changeMembers(tenant, group, redo);
      const whom =
        members.length > 3 ? `${members.length.toLocaleString('en')} members` : listOf(members.map(({ name }) => name));
      const where = groupName === undefined ? '' : kind === 'add' ? ` to ${groupName}` : ` from ${groupName}`;
      toastWithUndo(`${kind === 'add' ? 'Added' : 'Removed'} ${whom}${where}`, () => changeMembers(tenant, group, undo));
    },
    onSettled: () => queryClient.invalidateQueries(trpc.groups.pathFilter()),
  });
}

/** Why members were not taken, one sentence for each that stands against it. */
export function refusedMembers(error: unknown, names: ReadonlyMap<string, string>): string[] {
  return (refusalOf(error)?.issues ?? []).flatMap(({ path, message }) => {
    const [, id] = /^members\[value eq "(.*)"\]$/.exec(path) ?? [];
    if (id === undefined) return [];
    return [message.startsWith('No user or group') ? `${names.get(id) ?? 'Somebody'} is not here any more.` : message];
  });
}
