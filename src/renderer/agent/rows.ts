import type { ContextNode, Question, RunPlan, Task, ToolCall } from '../../api/index.ts';
import type { Conversation } from './conversation.ts';

/** What the pane shows below one another. */
export type Row = { key: string } & (
  | { kind: 'person'; node: ContextNode }
  | { kind: 'text'; node: ContextNode; isOpen: boolean }
  | { kind: 'call'; call: ToolCall }
  | { kind: 'question'; question: Question }
  | { kind: 'summary'; text: string }
  | { kind: 'plan'; plan: RunPlan }
  /** What a client of the service has put there. */
  | { kind: 'other'; node: ContextNode }
  /** How a request ended, and what can be done then; or that it is still at work. */
  | { kind: 'end'; task: Task; hasChanged: boolean }
  /** A request that waits for the one before. */
  | { kind: 'waiting'; task: Task; prompt: string }
);

const writes = /^scim_(?:create|update|patch|delete|modify|bulk|revert|resolve)/;

/** @returns the rows of a conversation. Pure; what has not changed is parsed once. */
export function rowsOf({ nodes, tasks }: Conversation): Row[] {
  const prompts = tasks.filter(({ type }) => type === 'mcp.add_prompt');
  const lastOf = new Map<string, number>();
  const known = new Set(prompts.map(({ id }) => id));
  for (const [index, { metadata }] of nodes.entries())
    if (metadata.task !== undefined && known.has(metadata.task)) lastOf.set(metadata.task, index);
  const ends = new Map(prompts.flatMap((task) => (lastOf.has(task.id) ? [[lastOf.get(task.id), task] as const] : [])));
  const changed = new Set<string>();
  const rows: Row[] = [];
  for (const [index, node] of nodes.entries()) {
    const piece = pieceOf(node);
    if (piece.kind === 'call' && isChange(piece.call) && node.metadata.task !== undefined) changed.add(node.metadata.task);
    const task = ends.get(index);
    const isWaiting = task?.status === 'scheduled' && node.metadata.role === 'user';
    // A request whose turn has not come is shown with those that wait.
    if (isWaiting) continue;
    rows.push(piece.kind === 'text' ? { ...piece, isOpen: task?.status === 'running' } : piece);
    const hasChanged = task !== undefined && changed.has(task.id);
    if (task && (task.status !== 'completed' || hasChanged)) rows.push({ kind: 'end', key: `end ${task.id}`, task, hasChanged });
  }
  for (const task of prompts) {
    if (task.status === 'completed' || (lastOf.has(task.id) && task.status !== 'scheduled')) continue;
    const { prompt } = task.input;
    const key = `waiting ${task.id}`;
    if (task.status === 'scheduled') rows.push({ kind: 'waiting', key, task, prompt: typeof prompt === 'string' ? prompt : '' });
    else if (!lastOf.has(task.id)) rows.push({ kind: 'end', key: `end ${task.id}`, task, hasChanged: false });
  }
  return rows;
}

/** @returns whether a call has changed the directory. */
function isChange({ tool, state }: ToolCall): boolean {
  return state === 'succeeded' && writes.test(tool);
}

/** @returns the questions that wait for the person, in their order. */
export function pendingOf(rows: readonly Row[]): Question[] {
  return rows.flatMap((row) => (row.kind === 'question' && row.question.state === 'pending' ? [row.question] : []));
}

type Piece = Exclude<Row, { kind: 'end' | 'waiting' }>;

const pieces = new WeakMap<ContextNode, Piece>();

function pieceOf(node: ContextNode): Piece {
  const made = pieces.get(node) ?? makePiece(node);
  pieces.set(node, made);
  return made;
}

function makePiece(node: ContextNode): Piece {
  const { id: key, contentType, content, metadata } = node;
  if (contentType === 'tool_call') {
    const call = parse(content) as ToolCall | undefined;
    if (call) return { kind: 'call', key, call };
  }
  if (contentType === 'question') {
    const question = parse(content) as Question | undefined;
    if (question) return { kind: 'question', key, question };
  }
  if (contentType === 'plan') {
    const plan = parse(content);
    if (plan && 'steps' in plan) return { kind: 'plan', key, plan: plan as RunPlan };
  }
  if (contentType === 'summary') {
    const summary = parse(content);
    return { kind: 'summary', key, text: summary && 'text' in summary ? String(summary.text) : content };
  }
  if (metadata.role === 'user' && contentType === 'text') return { kind: 'person', key, node };
  if (metadata.role === 'assistant' && contentType === 'text') return { kind: 'text', key, node, isOpen: false };
  return { kind: 'other', key, node };
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
