import { useEffect, useState, useSyncExternalStore } from 'react';
import type { WindowEvent } from '../api/index.ts';
import type { Author, Change } from '../directory/pure.ts';
import { client, isSessionOver, queryClient, trpc } from './connection.ts';
import { draftKey, drafts } from './editor/drafts.ts';
import { receiveForGroups } from './groups/live-groups.ts';
import { tellInboxNews } from './inbox/news.ts';

const refreshMs = 250;
const recentMs = 60_000;

/** Who changed a person in the last minute, for the mark in the table. */
class Recent {
  #changes: ReadonlyMap<string, { author: Author; at: number }> = new Map();
  readonly #listeners = new Set<() => void>();

  add(key: string, author: Author): void {
    const now = Date.now();
    this.#set([...[...this.#changes].filter(([, { at }]) => now - at < recentMs), [key, { author, at: now }]]);
    // The mark goes when its minute is over, also if nothing else happens.
    setTimeout(() => this.#changes.get(key)?.at === now && this.forget(key), recentMs);
  }

  forget(key: string): void {
    if (this.#changes.has(key)) this.#set([...this.#changes].filter(([other]) => other !== key));
  }

  #set(changes: (readonly [string, { author: Author; at: number }])[]): void {
    this.#changes = new Map(changes);
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

/** How the window hears of changes: at once, not now, or, when Tandem was started again, never more in this session. */
export type Liveness = 'connecting' | 'live' | 'lost' | 'ended';

const lostAfterMs = 2000;
const probeEveryMs = 3000;

/** Follows what happens in the directory, as long as the window is open. */
export function useLive(): Liveness {
  const [state, setState] = useState<Liveness>('connecting');
  useEffect(() => follow(setState), []);
  return state;
}

/**
 * Keeps the stream attached. The browser's event source takes it up again after a break, but gives up at the first answer
 * that is not a stream; then this asks whether Tandem is there again, and attaches anew where the stream broke off.
 */
function follow(tell: (state: Liveness) => void): () => void {
  let lastEventId: string | undefined;
  let subscription: { unsubscribe: () => void } | undefined;
  let probing: ReturnType<typeof setTimeout> | undefined;
  const attach = () => {
    subscription?.unsubscribe();
    let again = lastEventId !== undefined;
    subscription = client.events.stream.subscribe(lastEventId === undefined ? {} : { lastEventId }, {
      onData: ({ id, data }) => {
        lastEventId = id;
        receive(data);
        // Requests for access and the conversation are not replayed, and what failed meanwhile is still on screen.
        if (data.kind === 'ready' && again) void queryClient.invalidateQueries();
        if (data.kind === 'ready') again = true;
      },
      onConnectionStateChange: ({ state }) => {
        if (state === 'pending') {
          clearTimeout(probing);
          probing = undefined;
          tell('live');
        } else probing ??= setTimeout(() => void probe(), lostAfterMs);
      },
      onError: () => {
        probing ??= setTimeout(() => void probe(), lostAfterMs);
      },
    });
  };
  const probe = async () => {
    tell('lost');
    probing = setTimeout(() => void probe(), probeEveryMs);
    try {
      await client.app.about.query();
      if (probing !== undefined) attach();
    } catch (error) {
      if (isSessionOver(error) && probing !== undefined) tell('ended');
    }
  };
  // Another window of this browser was opened with a new address: its session is this one's too.
  const onStorage = ({ key }: StorageEvent) => {
    if (key === 'tandem.page') attach();
  };
  addEventListener('storage', onStorage);
  attach();
  return () => {
    removeEventListener('storage', onStorage);
    clearTimeout(probing);
    probing = undefined;
    subscription?.unsubscribe();
  };
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
    case 'escalations':
      void queryClient.invalidateQueries(trpc.escalations.pathFilter());
      return tellInboxNews(event);
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
  if (isOwn(author)) recent.forget(key);
  else recent.add(key, author);
  refreshSoon();
}

let refreshing: ReturnType<typeof setTimeout> | undefined;

/** Many changes at once, such as an import, ask for the lists again once. */
function refreshSoon(): void {
  refreshing ??= setTimeout(() => {
    refreshing = undefined;
    void queryClient.invalidateQueries(trpc.people.list.pathFilter());
    void queryClient.invalidateQueries(trpc.history.list.pathFilter());
    void queryClient.invalidateQueries(trpc.groups.pathFilter());
  }, refreshMs);
}
