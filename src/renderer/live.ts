import { useEffect, useState, useSyncExternalStore } from 'react';
import type { WindowEvent } from '../api/index.ts';
import type { Author, Change } from '../directory/pure.ts';
import { conversations, receiveAssistant } from './agent/conversations.ts';
import { client, isSessionOver, queryClient, trpc } from './connection.ts';
import { draftKey, drafts } from './editor/drafts.ts';
import { receiveForGroups } from './groups/live-groups.ts';
import { announcer } from './presence/announcer.ts';
import { receivePresence } from './presence/use-presence.ts';
import { tellInboxNews } from './inbox/news.ts';

const refreshMs = 250;
/** Where changes come faster than lists are read, as in an import. */
const refreshOfManyMs = 2000;
const many = 50;
const recentMs = 60_000;
const recentMax = 500;
const recentDelayMs = 30;

interface RecentChange {
  author: Author;
  at: number;
}

/** Who changed a person in the last minute, for the mark in the table; of very many, as of an import, the newest. */
class Recent {
  /** The oldest first. */
  readonly #changes = new Map<string, RecentChange>();
  readonly #listeners = new Set<() => void>();
  #snapshot: ReadonlyMap<string, RecentChange> = new Map();
  #telling: ReturnType<typeof setTimeout> | undefined;
  #expiring: ReturnType<typeof setTimeout> | undefined;

  add(key: string, author: Author): void {
    this.#changes.delete(key);
    this.#changes.set(key, { author, at: Date.now() });
    const [oldest] = this.#changes.keys();
    if (this.#changes.size > recentMax && oldest !== undefined) this.#changes.delete(oldest);
    this.#tellSoon();
  }

  forget(key: string): void {
    if (this.#changes.delete(key)) this.#tellSoon();
  }

  #tellSoon(): void {
    if (this.#telling !== undefined) return;
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.#tell();
    }, recentDelayMs);
  }

  #tell(): void {
    const now = Date.now();
    for (const [key, { at }] of this.#changes) if (now - at >= recentMs) this.#changes.delete(key);
    this.#snapshot = new Map(this.#changes);
    for (const listener of this.#listeners) listener();
    // The mark goes when its minute is over, also if nothing else happens.
    clearTimeout(this.#expiring);
    const [next] = this.#changes.values();
    if (next) this.#expiring = setTimeout(() => this.#tell(), next.at + recentMs - now);
  }

  readonly get = (): ReadonlyMap<string, RecentChange> => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

const recent = new Recent();

export function useRecent(): ReadonlyMap<string, RecentChange> {
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
        if (data.kind === 'ready' && again) {
          void queryClient.invalidateQueries();
          conversations.renew();
        }
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
      if (event.missed) {
        void queryClient.invalidateQueries();
        conversations.renew();
      }
      // Who is where is not replayed, and a host that was started again knows nothing of it.
      else void queryClient.invalidateQueries(trpc.presence.pathFilter());
      announcer.renew();
      return;
    case 'change':
      return receiveChange(event.change);
    case 'schemas':
      void queryClient.invalidateQueries(trpc.tenants.schemas.pathFilter());
      void queryClient.invalidateQueries(trpc.extensions.pathFilter());
      return;
    case 'presence':
      return receivePresence(event);
    case 'conflicts':
      return refreshConflictsSoon();
    case 'approvals':
      void queryClient.invalidateQueries(trpc.approvals.pathFilter());
      return;
    case 'escalations':
      void queryClient.invalidateQueries(trpc.escalations.pathFilter());
      return tellInboxNews(event);
    case 'assistant':
      return receiveAssistant(event.event);
  }
}

function receiveChange(change: Change): void {
  const { tenant, id, operation, author, at, resource, version, revision } = change;
  if (change.type === 'Agent') {
    void queryClient.invalidateQueries(trpc.clients.pathFilter());
    void queryClient.invalidateQueries(trpc.history.list.pathFilter());
    return;
  }
  receiveForGroups(change);
  const key = draftKey(tenant, id);
  if (operation === 'delete') drafts.dispatch(key, { type: 'deleted', author, at, revision });
  else drafts.dispatch(key, { type: 'seen', seen: { resource, version, revision, author, at } });
  if (isOwn(author)) recent.forget(key);
  else recent.add(key, author);
  refreshSoon();
}

let refreshingConflicts: ReturnType<typeof setTimeout> | undefined;

/** Writers that contend meet many conflicts a second. */
function refreshConflictsSoon(): void {
  refreshingConflicts ??= setTimeout(() => {
    refreshingConflicts = undefined;
    void queryClient.invalidateQueries(trpc.conflicts.pathFilter());
  }, refreshOfManyMs);
}

let refreshing: ReturnType<typeof setTimeout> | undefined;
let changesSince = 0;
let notBefore = 0;

/** Many changes at once, such as an import, ask for the lists again once in a while. */
function refreshSoon(): void {
  changesSince++;
  refreshing ??= setTimeout(refresh, Math.max(refreshMs, notBefore - Date.now()));
}

function refresh(): void {
  refreshing = undefined;
  if (changesSince > many) notBefore = Date.now() + refreshOfManyMs;
  changesSince = 0;
  void queryClient.invalidateQueries(trpc.people.list.pathFilter());
  void queryClient.invalidateQueries(trpc.history.list.pathFilter());
  void queryClient.invalidateQueries(trpc.groups.pathFilter());
}
