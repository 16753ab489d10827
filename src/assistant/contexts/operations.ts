import type { ContextNode, Owner, Task } from '../context.ts';
import type { AssistantLimits } from '../limits.ts';
import { AssistantError, type AssistantEvent } from '../service.ts';
import type { AssistantStore } from '../store/assistant-store.ts';
import type { Performed } from '../tasks/worker.ts';

/** The nodes of an operation as its task keeps them. */
export interface NodeInput {
  id: string;
  content: string;
  content_type: string;
  metadata: Record<string, unknown>;
}

/** What the tasks of the cheap operations keep as their input. */
export interface Inputs {
  'mcp.create_context': { model_id: string; title: string; nodes: NodeInput[]; metadata: Record<string, unknown> };
  'mcp.add_node': { node: NodeInput };
  'mcp.delete_node': { node_id: string };
  'mcp.delete_context': Record<string, never>;
}

/** The operations other than prompts. Each is done within the transaction that ends its task, so it is done once. */
export class Operations {
  readonly #store: AssistantStore;
  readonly #limits: AssistantLimits;
  readonly #now: () => number;

  constructor(store: AssistantStore, limits: AssistantLimits, now: () => number) {
    this.#store = store;
    this.#limits = limits;
    this.#now = now;
  }

  /** @throws AssistantError, which undoes it. */
  perform(task: Task): Performed {
    const { contextId = '', type, owner } = task;
    if (type === 'mcp.create_context') return this.#create(contextId, owner, task.input as Inputs[typeof type]);
    if (!this.#store.contexts.get(contextId)) throw contextNotFound();
    if (type === 'mcp.add_node') return this.#addNode(contextId, owner, task.input as unknown as Inputs[typeof type]);
    if (type === 'mcp.delete_node') return this.#deleteNode(contextId, owner, task.input as Inputs[typeof type]);
    if (type === 'mcp.delete_context') return this.remove(contextId, owner, task.id);
    throw new AssistantError('INVALID', `There is no operation ${type}.`);
  }

  #create(id: string, owner: Owner, input: Inputs['mcp.create_context']): Performed {
    const { contexts } = this.#store;
    const { contextsMax, contextsOfPrincipalMax, idleMs } = this.#limits;
    const events: AssistantEvent[] = this.expire();
    if (contexts.count(owner) >= contextsMax)
      throw new AssistantError('TOO_MANY_CONTEXTS', `There are ${contextsMax} contexts already. Delete one first.`);
    const { userId: _userId, ...principal } = owner;
    if (contexts.count(principal) >= contextsOfPrincipalMax)
      throw new AssistantError('TOO_MANY_CONTEXTS', `Your users have ${contextsOfPrincipalMax} contexts. Delete some first.`);
    const now = this.#now();
    const { title, model_id: modelId, metadata } = input;
    contexts.add({ id, owner, title, modelId, metadata, now, expires: now + idleMs });
    events.push({ kind: 'context', owner, contextId: id });
    for (const node of input.nodes) events.push(this.#put(id, owner, node));
    return { output: { context_id: id, node_ids: input.nodes.map((node) => node.id) }, events };
  }

  #addNode(contextId: string, owner: Owner, { node }: Inputs['mcp.add_node']): Performed {
    const { nodes, size } = this.#store.contexts.fill(contextId);
    const { nodesMax, contextSizeMax } = this.#limits;
    if (nodes >= nodesMax || size + node.content.length > contextSizeMax)
      throw new AssistantError('TOO_LARGE', `A context may have ${nodesMax} nodes and ${contextSizeMax} characters.`);
    const told = this.#put(contextId, owner, node);
    return { output: { context_id: contextId, node_id: node.id }, events: [told, this.#touched(contextId, owner)] };
  }

  #put(contextId: string, owner: Owner, input: NodeInput): AssistantEvent {
    const node: ContextNode = {
      id: input.id,
      contextId,
      content: input.content,
      contentType: input.content_type,
      metadata: input.metadata,
      created: new Date(this.#now()).toISOString(),
    };
    const change = this.#store.nodes.nextChange();
    this.#store.nodes.put(node, change);
    return { kind: 'node', owner, node, change };
  }

  #deleteNode(contextId: string, owner: Owner, { node_id: nodeId }: Inputs['mcp.delete_node']): Performed {
    const { nodes, tasks } = this.#store;
    const found = nodes.get(contextId, nodeId);
    if (!found) throw new AssistantError('NODE_NOT_FOUND', 'There is no such node in this context.');
    const { task } = found.node.metadata;
    if (tasks.openOf(contextId).some(({ task: open }) => open.id === task))
      throw new AssistantError('CONTEXT_IN_USE', 'A prompt is at work on this node. Try again when it has ended.');
    nodes.remove(contextId, nodeId);
    const deleted: AssistantEvent = { kind: 'node-deleted', owner, contextId, nodeId };
    return { output: { context_id: contextId, node_id: nodeId }, events: [deleted, this.#touched(contextId, owner)] };
  }

  #touched(contextId: string, owner: Owner): AssistantEvent {
    const now = this.#now();
    this.#store.contexts.touch(contextId, now, now + this.#limits.idleMs);
    return { kind: 'context', owner, contextId };
  }

  /** Deletes a context with all that was said in it. What waits and runs in it is cancelled. */
  remove(id: string, owner: Owner, task?: string): Performed {
    const { contexts, nodes, tasks } = this.#store;
    const ended = tasks.openOf(id).flatMap(({ task: open }) => (open.id === task ? [] : open.id));
    for (const open of ended) tasks.end(open, 'cancelled', undefined, this.#now());
    nodes.removeAll(id);
    contexts.remove(id);
    tasks.redact(id);
    return { output: { context_id: id }, events: [{ kind: 'context', owner, contextId: id }], ended };
  }

  /** Removes contexts in which nothing has happened for long. Called within a transaction. */
  expire(): AssistantEvent[] {
    return this.#store.contexts.expired(this.#now()).flatMap(({ id, owner }) => this.remove(id, owner).events);
  }
}

export function contextNotFound(): AssistantError {
  return new AssistantError(
    'CONTEXT_NOT_FOUND',
    'There is no such context. It may have expired or been deleted; create a new one.',
  );
}
