import type { AssistantEvent, Context, ContextNode, OpenedContext, Task } from '../../api/index.ts';

/** A conversation as the window has it. */
export interface Conversation {
  context: Context;
  nodes: readonly ContextNode[];
  /** The oldest first. */
  tasks: readonly Task[];
}

/** Pure. @returns a conversation with its tasks in their order. */
export function opened({ context, nodes, tasks }: OpenedContext): Conversation {
  return { context, nodes, tasks: tasks.toSorted(byAge) };
}

/**
 * The conversation after an event about it. Pure; events that are known already change nothing, so that those that came
 * while it was read can be given again.
 * @returns undefined when something before the event is missing: the conversation must be read anew.
 */
export function withEvent(conversation: Conversation, event: AssistantEvent): Conversation | undefined {
  const { nodes, tasks } = conversation;
  switch (event.kind) {
    case 'node': {
      const index = nodes.findLastIndex(({ id }) => id === event.node.id);
      return { ...conversation, nodes: index < 0 ? [...nodes, event.node] : nodes.with(index, event.node) };
    }
    case 'delta': {
      const index = nodes.findLastIndex(({ id }) => id === event.nodeId);
      const node = nodes[index];
      if (!node || event.at > node.content.length) return undefined;
      const content = node.content.slice(0, event.at) + event.text;
      // What was said already is not said again.
      return content.length <= node.content.length
        ? conversation
        : { ...conversation, nodes: nodes.with(index, { ...node, content }) };
    }
    case 'node-deleted':
      return { ...conversation, nodes: nodes.filter(({ id }) => id !== event.nodeId) };
    case 'task': {
      const index = tasks.findIndex(({ id }) => id === event.task.id);
      return { ...conversation, tasks: index < 0 ? [...tasks, event.task].toSorted(byAge) : tasks.with(index, event.task) };
    }
    case 'context':
    case 'models':
      return conversation;
  }
}

/** @returns which context an event is about. */
export function contextOf(event: AssistantEvent): string | undefined {
  switch (event.kind) {
    case 'node':
      return event.node.contextId;
    case 'task':
      return event.task.contextId;
    case 'models':
      return undefined;
    case 'context':
    case 'delta':
    case 'node-deleted':
      return event.contextId;
  }
}

function byAge(one: Task, other: Task): number {
  return one.created < other.created ? -1 : one.created > other.created ? 1 : 0;
}
