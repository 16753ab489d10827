import { useCallback, useSyncExternalStore } from 'react';
import type { AssistantEvent } from '../../api/index.ts';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { contextOf, opened, withEvent, type Conversation } from './conversation.ts';
import { noteActivity } from './activity.ts';

/** How often what has arrived is shown. */
const showEveryMs = 40;
/** How often the lists are asked for again while much happens. */
const listEveryMs = 400;
/** Conversations that stay in memory, so that going back to one shows it at once. */
const keptMax = 12;
const arrivedMax = 5000;

export interface OpenConversation {
  conversation?: Conversation;
  /** Why it cannot be shown. */
  error?: string;
}

interface Entry {
  shown: OpenConversation;
  isReading: boolean;
  /** Events that came and are not shown yet. */
  arrived: AssistantEvent[];
  readonly listeners: Set<() => void>;
}

const nothing: OpenConversation = {};

/** The conversations that this window has read, kept up to date by events. */
class Conversations {
  /** By tenant and id, the last used at the end. */
  readonly #entries = new Map<string, Entry>();
  #showing: ReturnType<typeof setTimeout> | undefined;

  get(tenant: string, id: string): OpenConversation {
    return this.#entries.get(keyOf(tenant, id))?.shown ?? nothing;
  }

  /** Follows a conversation as long as it is listened to. */
  subscribe(tenant: string, id: string, listener: () => void): () => void {
    const key = keyOf(tenant, id);
    const entry: Entry = this.#entries.get(key) ?? { shown: nothing, isReading: false, arrived: [], listeners: new Set() };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.listeners.add(listener);
    this.#forgetOldest();
    if (!entry.shown.conversation) void this.read(tenant, id);
    return () => entry.listeners.delete(listener);
  }

  async read(tenant: string, id: string): Promise<void> {
    const entry = this.#entries.get(keyOf(tenant, id));
    if (!entry || entry.isReading) return;
    entry.isReading = true;
    try {
      const conversation = opened(await client.assistant.get.query({ tenant, id }));
      entry.isReading = false;
      this.#tell(entry, { conversation });
      this.#show();
    } catch (error) {
      entry.isReading = false;
      entry.arrived = [];
      this.#tell(entry, { ...entry.shown, error: messageOf(error) });
    }
  }

  receive(event: AssistantEvent): void {
    const id = contextOf(event);
    if (id === undefined || event.kind === 'models') return;
    const { tenant } = event.owner;
    const entry = this.#entries.get(keyOf(tenant, id));
    if (!entry) return;
    if (event.kind === 'context') return this.#readHead(tenant, id);
    if (entry.arrived.length >= arrivedMax) {
      entry.arrived = [];
      return void this.read(tenant, id);
    }
    entry.arrived.push(event);
    this.#showing ??= setTimeout(() => this.#show(), showEveryMs);
  }

  /** Events may have been missed: what is on screen is read again, what is not is forgotten. */
  renew(): void {
    for (const [key, { listeners }] of this.#entries) {
      const [tenant = '', id = ''] = key.split('\n');
      if (listeners.size === 0) this.#entries.delete(key);
      else void this.read(tenant, id);
    }
  }

  #show(): void {
    clearTimeout(this.#showing);
    this.#showing = undefined;
    for (const [key, entry] of this.#entries) {
      const { conversation } = entry.shown;
      if (entry.arrived.length === 0 || entry.isReading || !conversation) continue;
      let next: Conversation | undefined = conversation;
      for (const event of entry.arrived.splice(0)) next = next && withEvent(next, event);
      if (next && next !== conversation) this.#tell(entry, { conversation: next });
      const [tenant = '', id = ''] = key.split('\n');
      if (!next) void this.read(tenant, id);
    }
  }

  readonly #heads = new Map<string, ReturnType<typeof setTimeout>>();

  /** The title, the model or the usage has changed. */
  #readHead(tenant: string, id: string): void {
    const key = keyOf(tenant, id);
    if (this.#heads.has(key)) return;
    const read = async () => {
      this.#heads.delete(key);
      const entry = this.#entries.get(key);
      if (!entry?.shown.conversation) return;
      try {
        const context = await client.assistant.head.query({ tenant, id });
        const { conversation } = entry.shown;
        if (conversation) this.#tell(entry, { conversation: { ...conversation, context } });
      } catch (error) {
        this.#tell(entry, { error: messageOf(error) });
      }
    };
    this.#heads.set(
      key,
      setTimeout(() => void read(), listEveryMs),
    );
  }

  #tell(entry: Entry, shown: OpenConversation): void {
    entry.shown = shown;
    for (const listener of entry.listeners) listener();
  }

  #forgetOldest(): void {
    for (const [key, { listeners }] of this.#entries) {
      if (this.#entries.size <= keptMax) return;
      if (listeners.size === 0) this.#entries.delete(key);
    }
  }
}

export const conversations = new Conversations();

/** A conversation as it is now, also while it is answered. */
export function useConversation(tenant: string, id: string | undefined): OpenConversation {
  const subscribe = useCallback(
    (listener: () => void) => (id === undefined ? () => undefined : conversations.subscribe(tenant, id, listener)),
    [tenant, id],
  );
  return useSyncExternalStore(subscribe, () => (id === undefined ? nothing : conversations.get(tenant, id)));
}

let refreshing: ReturnType<typeof setTimeout> | undefined;

/** What the stream of events tells of the assistant. */
export function receiveAssistant(event: AssistantEvent): void {
  if (event.kind === 'models') return void queryClient.invalidateQueries(trpc.assistant.models.pathFilter());
  conversations.receive(event);
  if (event.kind === 'node') noteActivity(event.node);
  if (event.kind !== 'context' && event.kind !== 'task') return;
  refreshing ??= setTimeout(() => {
    refreshing = undefined;
    void queryClient.invalidateQueries(trpc.assistant.list.pathFilter());
    void queryClient.invalidateQueries(trpc.assistant.running.pathFilter());
  }, listEveryMs);
}

function keyOf(tenant: string, id: string): string {
  return `${tenant}\n${id}`;
}
