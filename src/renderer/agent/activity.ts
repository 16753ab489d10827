import { useCallback, useSyncExternalStore } from 'react';
import type { ContextNode, ToolCall } from '../../api/index.ts';
import { wordsOf } from './tool-words.ts';

/** What a run is doing. */
export interface Activity {
  /** Calls of tools so far, as far as this window has heard of them. */
  calls: number;
  /** What it did last, for example "Read a person". */
  last: string;
  /** It waits for the person. */
  isAsking: boolean;
}

const keptMax = 200;
const activities = new Map<string, Activity & { ids: Set<string> }>();
const listeners = new Set<() => void>();

/** Takes note of a node that a run has made, also in conversations that are not open. */
export function noteActivity({ id, contentType, content, metadata }: ContextNode): void {
  const { task } = metadata;
  if (task === undefined || metadata.role === 'user') return;
  const before = activities.get(task) ?? { calls: 0, last: '', isAsking: false, ids: new Set<string>() };
  if (contentType === 'tool_call') {
    before.ids.add(id);
    const last = titleOf(content) ?? before.last;
    activities.set(task, { ...before, calls: before.ids.size, last });
  } else if (contentType === 'question') activities.set(task, { ...before, isAsking: content.includes('"state":"pending"') });
  else return;
  const [oldest] = activities.keys();
  if (activities.size > keptMax && oldest !== undefined) activities.delete(oldest);
  for (const listener of listeners) listener();
}

function titleOf(content: string): string | undefined {
  try {
    return wordsOf(JSON.parse(content) as ToolCall).title;
  } catch {
    return undefined;
  }
}

export function useActivity(task: string): Activity | undefined {
  const subscribe = useCallback((listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return useSyncExternalStore(subscribe, () => activities.get(task));
}
