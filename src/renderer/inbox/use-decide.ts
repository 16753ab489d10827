import { useMutation } from '@tanstack/react-query';
import type { ShownEscalation } from '../../api/index.ts';
import type { Resource, ResourceType, Side } from '../../directory/pure.ts';
import { client, queryClient, refusalOf, trpc } from '../connection.ts';

const pagesMax = 5;

/** What a person says. */
export interface Answer {
  approve: boolean;
  reason?: string;
  edited?: { record: Resource } | { add: string[]; remove: string[] } | { choices: Record<string, Side> };
}

/** What became of an answer. `changed`: it would do something else by now, and still waits; `late`: it was answered already. */
export type Answered = 'done' | 'changed' | 'late';

/** Gives a person's answer to what they have seen. */
export function useDecide({ tenant, id, version }: ShownEscalation) {
  return useMutation({
    mutationFn: async (answer: Answer): Promise<Answered> => {
      try {
        const decided = await client.escalations.decide.mutate({ tenant, id, ...answer, expectedVersion: version });
        queryClient.setQueryData(trpc.escalations.get.queryKey({ tenant, id }), decided.escalation);
        return decided.outdated ? 'changed' : 'done';
      } catch (error) {
        const code = refusalOf(error)?.code;
        if (code !== 'ALREADY_DECIDED' && code !== 'VERSION_MISMATCH') throw error;
        const now = await client.escalations.get.query({ tenant, id });
        queryClient.setQueryData(trpc.escalations.get.queryKey({ tenant, id }), now);
        if (code === 'ALREADY_DECIDED') return 'late';
        if (now.version === version) throw error;
        return 'changed';
      }
    },
    onSettled: () => queryClient.invalidateQueries(trpc.escalations.pathFilter()),
  });
}

/** The change that an approval has written of one person or group, so that it can be undone. */
export async function revisionOf(
  { tenant, id }: Pick<ShownEscalation, 'tenant' | 'id'>,
  of: { type: ResourceType; id: string },
): Promise<number | undefined> {
  let cursor: number | undefined;
  // It is near the top, unless very much was changed since.
  for (let page = 0; page < pagesMax; page++) {
    const { entries, next } = await client.history.list.query({ tenant, type: of.type, id: of.id, limit: 200, cursor });
    const entry = entries.find(({ author }) => author.approvedBy?.escalation === id);
    if (entry || next === undefined) return entry?.revision;
    cursor = next;
  }
  return undefined;
}
