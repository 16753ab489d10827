import { useSyncExternalStore } from 'react';
import { client } from '../connection.ts';

/** What goes along with a prompt, as src/api/assistant.ts takes it. */
export type PromptMetadata = NonNullable<Parameters<typeof client.assistant.prompt.mutate>[0]['metadata']>;

const prefix = 'tandem.conversation ';
/** Stands for a conversation that has not begun. */
const fresh = '';

const listeners = new Set<() => void>();
/** Models chosen for conversations that have not begun, by tenant. */
const wantedModels = new Map<string, string>();

/** @returns the conversation that was open last; an empty text when a new one is to begin, undefined when nothing is known. */
function current(tenant: string): string | undefined {
  return localStorage.getItem(prefix + tenant) ?? undefined;
}

/** Opens a conversation in the pane, or, without an id, an empty one. It is open again after a reload. */
export function openConversation(tenant: string, id: string = fresh): void {
  localStorage.setItem(prefix + tenant, id);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useCurrentConversation(tenant: string): string | undefined {
  return useSyncExternalStore(subscribe, () => current(tenant));
}

/** The model of the conversation that begins next. */
export function useWantedModel(tenant: string): string | undefined {
  return useSyncExternalStore(subscribe, () => wantedModels.get(tenant));
}

export function wantModel(tenant: string, id: string): void {
  wantedModels.set(tenant, id);
  for (const listener of listeners) listener();
}

/** Asks the agent in the conversation that is open, or in a new one. Resolves when the request is kept. */
export async function sendPrompt(tenant: string, text: string, metadata?: PromptMetadata): Promise<void> {
  const open = current(tenant) ?? fresh;
  const modelId = open === fresh ? wantedModels.get(tenant) : undefined;
  const { id } = await client.assistant.prompt.mutate({
    tenant,
    text,
    ...(open !== fresh && { id: open }),
    ...(modelId !== undefined && { modelId }),
    ...(metadata && { metadata }),
  });
  // Another one may have been opened meanwhile.
  if ((current(tenant) ?? fresh) === open) openConversation(tenant, id);
}
