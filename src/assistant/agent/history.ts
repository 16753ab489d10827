import type { ModelMessage, ToolResultPart } from 'ai';
import type { ContextNode, Question, Summary, ToolCall } from '../context.ts';
import type { Focus } from '../offline/index.ts';
import { askTool, withFocus } from '../offline/index.ts';
import type { DataMarks } from './data.ts';
import type { Scope } from './scope.ts';
import { nameFor, ownServer } from './toolbox.ts';

/** What a prompt brings with it, from the window. */
export interface PromptMetadata {
  focus?: Focus & { type?: string };
  /** Plays a conflict instead of asking a model. */
  scenario?: 'conflict';
  userId?: string;
  fields?: string[];
}

/** The JSON of a node; undefined if it is of another type, or somebody has put something else there. */
function parsed(node: ContextNode, contentType: string): unknown {
  if (node.contentType !== contentType) return undefined;
  try {
    return JSON.parse(node.content) as unknown;
  } catch {
    return undefined;
  }
}

export const toolCallOf = (node: ContextNode) => parsed(node, 'tool_call') as ToolCall | undefined;
export const questionOf = (node: ContextNode) => parsed(node, 'question') as Question | undefined;

/** The nodes that are still sent to a model, and the summary of those before them. */
export function liveNodes(nodes: readonly ContextNode[]): { summary?: Summary; nodes: ContextNode[] } {
  const found = nodes.findLast(({ contentType }) => contentType === 'summary');
  const summary = found && (parsed(found, 'summary') as Summary | undefined);
  if (!summary) return { nodes: nodes.filter(({ contentType }) => contentType !== 'summary') };
  const last = nodes.findIndex(({ id }) => id === summary.until);
  return { summary, nodes: nodes.slice(last + 1).filter(({ contentType }) => contentType !== 'summary') };
}

/** How results are shown to a model. */
export function outputOf(
  call: Pick<ToolCall, 'state' | 'result' | 'summary' | 'continuation'>,
  marks: DataMarks | undefined,
): ToolResultPart['output'] {
  if (call.state === 'interrupted' || call.state === 'running') {
    const value = call.continuation
      ? 'It was stopped while it waited for the person to answer, and has not gone on since.'
      : 'The outcome is unknown: it was interrupted. Read the record before you act on it again.';
    return { type: 'error-text', value };
  }
  const { result = call.summary ?? 'failed' } = call;
  if (!marks)
    return typeof result === 'string' ? { type: 'error-text', value: result } : { type: 'json', value: result as never };
  return { type: call.state === 'failed' ? 'error-text' : 'text', value: marks.wrap(result) };
}

/**
 * Rebuilds what a model has said and seen from the nodes of the context.
 * @param marks how data is delimited; undefined for rules, which need the results as they are.
 */
export function messagesOf(nodes: readonly ContextNode[], marks: DataMarks | undefined): ModelMessage[] {
  const { summary, nodes: live } = liveNodes(nodes);
  const messages: ModelMessage[] = [];
  if (summary && marks)
    messages.push({ role: 'user', content: `(What came before in this conversation, in short:)\n${marks.wrap(summary.text)}` });
  let texts: string[] = [];
  let calls: { id: string; name: string; input: unknown; output: ToolResultPart['output'] }[] = [];
  let step: unknown;
  const flush = () => {
    const content = [
      ...texts.map((text) => ({ type: 'text' as const, text })),
      ...calls.map(({ id, name, input }) => ({ type: 'tool-call' as const, toolCallId: id, toolName: name, input })),
    ];
    if (content.length > 0) messages.push({ role: 'assistant', content });
    if (calls.length > 0)
      messages.push({
        role: 'tool',
        content: calls.map(({ id, name, output }) => ({ type: 'tool-result', toolCallId: id, toolName: name, output })),
      });
    texts = [];
    calls = [];
  };
  for (const node of live) {
    const { contentType, content, metadata } = node;
    // What is planned is for the person; the model has said it, and says it again.
    if (contentType === 'plan') continue;
    if (contentType === 'tool_call') {
      const call = toolCallOf(node);
      if (!call) continue;
      const key = `${metadata.task} ${String(metadata['step'])}`;
      if (calls.length > 0 && key !== step) flush();
      step = key;
      calls.push({ id: call.id, name: nameFor(call.server, call.tool), input: call.arguments, output: outputOf(call, marks) });
    } else if (contentType === 'question') {
      const asked = questionOf(node);
      if (asked?.kind !== 'choice' || asked.from !== 'agent') continue;
      if (calls.length > 0) flush();
      const input = { question: asked.message, options: asked.options };
      calls.push({ id: asked.id, name: askTool, input, output: { type: 'json', value: choiceOf(asked) } });
      step = asked.id;
    } else if (metadata.role === 'assistant') {
      if (calls.length > 0) flush();
      if (content !== '') texts.push(content);
    } else if (metadata.role !== 'system') {
      flush();
      const { focus } = metadata as PromptMetadata;
      messages.push({ role: 'user', content: marks ? content : withFocus(content, focus) });
    }
  }
  flush();
  return messages;
}

/** What the person has chosen, as a model is told. */
export function choiceOf({ state, answer }: Pick<Question, 'state' | 'answer'>): { answer: string | null; state: string } {
  const chosen = answer?.['value'] ?? Object.values(answer ?? {})[0];
  return { answer: state === 'accepted' && typeof chosen === 'string' ? chosen : null, state };
}

/** Fills a scope with what the person has said, pointed at and found, and with what was read. */
export function fillScope(scope: Scope, nodes: readonly ContextNode[]): void {
  for (const node of nodes) {
    const { contentType, content, metadata } = node;
    if (contentType === 'tool_call') {
      const call = toolCallOf(node);
      if (call) scope.read(call, call.server === ownServer);
    } else if (contentType === 'question') {
      const asked = questionOf(node);
      if (asked?.state === 'accepted' && asked.kind !== 'permission')
        scope.say(
          Object.values(asked.answer ?? {})
            .map(String)
            .join(' '),
        );
    } else if (contentType === 'summary') {
      // Made by a model from what it had read.
      scope.read({ tool: 'summary', arguments: {}, result: { summary: content } }, false);
    } else if (metadata.role !== 'assistant') {
      scope.say(content);
      const { focus } = metadata as PromptMetadata;
      if (focus) scope.name(focus.id);
    }
  }
}
