import type { UserRecord } from '../record.ts';
import { refusalText } from './text.ts';

/** What Tandem's MCP tools answer. */
export interface ToolResult {
  success: boolean;
  content: Record<string, unknown> & { error?: string; error_code?: string; conflict?: WireConflict };
  metadata: Record<string, unknown>;
}

export interface WireConflict {
  current_version: string;
  current: UserRecord;
  overlap: boolean;
  overlapping: string[];
  merged?: UserRecord;
  changes: { path: string; before?: unknown; after?: unknown; actor: { name: string; kind: string }; when: string }[];
}

/** A tool call that was made for the request, and the structured result that came back. */
export interface Observation {
  tool: string;
  args: Record<string, unknown>;
  result: ToolResult;
}

export interface Call {
  kind: 'call';
  tool: string;
  args: Record<string, unknown>;
}

export interface Option {
  label: string;
  /** What is said with it. */
  send: string;
}

/** How a request ends: with an answer, or with a question to the person, which another request answers. */
export type Ending = { kind: 'say'; text: string } | { kind: 'ask'; text: string; question: string; options: Option[] };

/** The next step of the agent. */
export type Step = Call | Ending;

/**
 * The work on a request, written down from its beginning to its end: it yields calls and is given their results. It decides by
 * nothing else, so that it can be run again from the start with the results of what was done already.
 */
export type Work<T = Ending> = Generator<Call, T, ToolResult>;

/** Ends the work from within. */
export class Stop extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super(ending.kind);
    this.ending = ending;
  }
}

/** @returns what comes next, after these calls and their results. */
export function nextOf(work: Work, seen: readonly Observation[]): Step {
  try {
    let next = work.next();
    for (const { result } of seen) {
      if (next.done) break;
      next = work.next(result);
    }
    return next.value;
  } catch (error) {
    if (error instanceof Stop) return error.ending;
    throw error;
  }
}

export const say = (text: string): Ending => ({ kind: 'say', text });

/** Calls a tool. A change that waits for approval ends the work. */
export function* tried(tool: string, args: Record<string, unknown>): Work<ToolResult> {
  const result = yield { kind: 'call', tool, args };
  if (result.content['status'] !== 'pending' || result.content['escalation_id'] === undefined || tool.includes('escalation'))
    return result;
  const { says } = (result.content['rule'] ?? {}) as { says?: string };
  throw new Stop(say(`This waits for approval in the inbox; nothing was changed yet. ${says ?? ''}`.trim()));
}

/** Calls a tool. A refusal ends the work and is explained. */
export function* called(tool: string, args: Record<string, unknown>): Work<ToolResult> {
  const result = yield* tried(tool, args);
  if (!result.success) throw new Stop(say(refusalText(result.content)));
  return result;
}
