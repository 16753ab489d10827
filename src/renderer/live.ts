import { useEffect, useState, useSyncExternalStore } from 'react';
import type { WindowEvent } from '../api/index.ts';
import type { Author, Change } from '../directory/pure.ts';
import { client, queryClient, trpc } from './connection.ts';
import { draftKey, drafts } from './editor/drafts.ts';
import { receiveForGroups } from './groups/live-groups.ts';

const refreshMs = 250;
const recentMs = 60_000;

/** Who changed a person in the last minute, for the mark in the table. */
class Recent {
  #changes: ReadonlyMap<string, { author: Author; at: number }> = new Map();
  readonly #listeners = new Set<() => void>();

  add(key: string, author: Author): void {
    const now = Date.now();
    this.#changes = new Map([...[...this.#changes].filter(([, { at }]) => now - at < recentMs), [key, { author, at: now }]]);
    for (const listener of this.#listeners) listener();
  }

  readonly get = (): ReadonlyMap<string, { author: Author; at: number }> => this.#changes;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

const recent = new Recent();

export function useRecent(): ReadonlyMap<string, { author: Author; at: number }> {
  return useSyncExternalStore(recent.subscribe, recent.get);
}

function isOwn({ id, door }: Author): boolean {
  return id === 'administrator' && door === 'window';
}

/** Follows what happens in the directory, as long as the window is open. @returns whether the stream is attached. */
export function useLive(): boolean {
  const [attached, setAttached] = useState(false);
  useEffect(() => {
    const subscription = client.events.stream.subscribe(
      {},
      {
        onData: ({ data }) => receive(data),
        onConnectionStateChange: ({ state }) => setAttached(state === 'pending'),
        onError: () => setAttached(false),
      },
    );
    return () => subscription.unsubscribe();
  }, []);
  return attached;
}

function receive(event: WindowEvent): void {
  switch (event.kind) {
    case 'ready':
      if (event.missed) void queryClient.invalidateQueries();
      return;
    case 'change':
      return receiveChange(event.change);
    case 'approvals':
      void queryClient.invalidateQueries(trpc.approvals.pathFilter());
      return;
    case 'conversation': {
      const { event: said } = event;
      queryClient.setQueryData(trpc.agent.conversation.queryKey({ tenant: said.tenant }), (old) => {
        if (!old) return old;
        if (said.kind === 'cleared') return { ...old, messages: [] };
        const index = old.messages.findIndex(({ id }) => id === said.message.id);
        const messages = index < 0 ? [...old.messages, said.message] : old.messages.with(index, said.message);
        return { ...old, messages };
      });
    }
  }
}

function receiveChange(change: Change): void {
  const { tenant, id, operation, author, at, resource, version, revision } = change;
  receiveForGroups(change);
  const key = draftKey(tenant, id);
  if (operation === 'delete') drafts.dispatch(key, { type: 'deleted', author, at, revision });
  else drafts.dispatch(key, { type: 'seen', seen: { resource, version, revision, author, at } });
  if (!isOwn(author)) recent.add(key, author);
  refreshSoon();
}

let refreshing: ReturnType<typeof setTimeout> | undefined;

/** Many changes at once, such as an import, ask for the lists again once. */
function refreshSoon(): void {
  refreshing ??= setTimeout(() => {
    refreshing = undefined;
    void queryClient.invalidateQueries(trpc.people.list.pathFilter());
    void queryClient.invalidateQueries(trpc.people.history.pathFilter());
    void queryClient.invalidateQueries(trpc.groups.pathFilter());
  }, refreshMs);
}
