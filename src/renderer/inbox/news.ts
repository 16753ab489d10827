import type { WindowEvent } from '../../api/index.ts';

/** News of what waits for somebody's answer. */
export type InboxNews = Extract<WindowEvent, { kind: 'escalations' }>;

const listeners = new Set<(news: InboxNews) => void>();

/** Tells what the live stream said. */
export function tellInboxNews(news: InboxNews): void {
  for (const listener of listeners) listener(news);
}

/** @returns a function that ends it. */
export function onInboxNews(listener: (news: InboxNews) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
