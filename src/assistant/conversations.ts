import { randomUUID } from 'node:crypto';
import type { Choice, ConversationEvent, Message, ToolCall } from './conversation.ts';

const messagesMax = 200;

/** The conversations, one for each tenant, in memory; listeners hear of every change. */
export class Conversations {
  readonly #messages = new Map<string, Message[]>();
  readonly #listeners = new Set<(event: ConversationEvent) => void>();

  of(tenant: string): Message[] {
    return this.#messages.get(tenant) ?? [];
  }

  /** Adds a message at the end; the oldest goes when there are too many. */
  add(tenant: string, from: Message['from'], parts: Message['parts'] = [], open = false): Message {
    const message: Message = { id: randomUUID(), from, at: new Date().toISOString(), parts, open };
    const messages = [...this.of(tenant), message].slice(-messagesMax);
    this.#messages.set(tenant, messages);
    this.changed(tenant, message);
    return message;
  }

  /** Adds to the text at the end of a message. */
  addText(tenant: string, message: Message, text: string): void {
    const last = message.parts.at(-1);
    if (last?.kind === 'text') last.text += text;
    else message.parts.push({ kind: 'text', text });
    this.changed(tenant, message);
  }

  addChoice(tenant: string, message: Message, choice: Choice): void {
    message.parts.push(choice);
    this.changed(tenant, message);
  }

  /** Shows a tool call's card, or brings it up to date. */
  setCall(tenant: string, message: Message, call: ToolCall): void {
    const index = message.parts.findIndex((part) => part.kind === 'tool-call' && part.id === call.id);
    if (index < 0) message.parts.push(call);
    else message.parts[index] = call;
    this.changed(tenant, message);
  }

  clear(tenant: string): void {
    this.#messages.delete(tenant);
    this.#tell({ kind: 'cleared', tenant });
  }

  changed(tenant: string, message: Message): void {
    this.#tell({ kind: 'message', tenant, message: structuredClone(message) });
  }

  #tell(event: ConversationEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  onEvent(listener: (event: ConversationEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
