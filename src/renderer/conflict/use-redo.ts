import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { paneAgentName } from '../../directory/pure.ts';
import { client, messageOf, trpc } from '../connection.ts';
import type { Draft } from '../editor/draft.ts';
import { redone, redoRequest } from './redo.ts';

/** Who can make its change again on what the person saves: the agent in the pane, or one that is asked. */
export type Redoer = 'pane' | 'asked';

/** @returns who changed the same, if that agent can make its change again; undefined too while it is not known. */
export function useRedoer(tenant: string, { theirs, collisions }: Draft): Redoer | undefined {
  const agent = theirs?.author.kind === 'agent' ? theirs.author : undefined;
  const isPane = agent?.name === paneAgentName;
  const isHere = useQuery({
    ...trpc.escalations.canAsk.queryOptions({ tenant, agent: agent?.id ?? '' }),
    enabled: agent !== undefined && !isPane,
    // It may have gone since.
    staleTime: 0,
  });
  if (isPane) return redoRequest(collisions, '') === undefined ? undefined : 'pane';
  return isHere.data === true && agent && redone(collisions) ? 'asked' : undefined;
}

/**
 * Asks the agent whose change lost to make it again on what was saved.
 * @param before the draft when it was decided. @param version the one that was saved.
 */
export async function askAgain(tenant: string, before: Draft, version: string): Promise<void> {
  const { theirs, collisions } = before;
  const fields = redone(collisions);
  if (!theirs || !fields) return;
  try {
    const { id } = theirs.resource;
    await client.escalations.askAgain.mutate({ tenant, id, revision: theirs.revision, fields, expectedVersion: version });
    notifications.show({ message: `${theirs.author.name} is asked. Its answer will be in the inbox, under “Between agents”.` });
  } catch (error) {
    notifications.show({ color: 'red', message: messageOf(error) });
  }
}
