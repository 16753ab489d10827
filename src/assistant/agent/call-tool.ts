import { isInputRequiredResult, UrlElicitationRequiredError, type CallToolResult, type Tool } from '@modelcontextprotocol/client';
import { DelegateBackoff, fullJitterGenerator, handleType, retry } from 'cockatiel';
import type { Question, ToolCall } from '../context.ts';
import type { ToolResult } from '../offline/index.ts';
import type { Run } from '../run.ts';
import type { Connection } from './connections.ts';
import { elicit, type Elicitation } from './elicitation.ts';
import { reentryOf } from './reentry.ts';
import { Silence } from './silence.ts';
import type { ToolCard } from './tool-card.ts';

/** Bounds of one tool call of the agent. */
export const callBounds = {
  attemptsMax: 8,
  firstDelayMs: 30,
  delayMaxMs: 2000,
  /** A longer pause that a server asks for is left to the model, and so to the person. */
  askedDelayMaxMs: 20_000,
  roundsMax: 10,
} as const;

/** What a call has brought. */
export interface Outcome {
  ok: boolean;
  /** The structured result, or the text of one that has none. */
  result: unknown;
  /** It was sent again, because others had written meanwhile, and both changes stand. */
  merged: boolean;
}

/** The call is to be sent again, with other arguments, after a pause. */
class Again extends Error {
  readonly answer: Answered;
  readonly args: Record<string, unknown>;
  readonly afterMs: number;
  constructor(answer: Answered, args: Record<string, unknown>, afterMs: number) {
    super('to be sent again');
    this.answer = answer;
    this.args = args;
    this.afterMs = afterMs;
  }
}

interface Answered {
  structured: unknown;
  text: string;
  isError: boolean;
}

export interface CallOptions {
  run: Run;
  connection: Connection;
  card: ToolCard;
  /** The tool as the server lists it. */
  definition: Tool;
  /** How the person calls the server. */
  from: string;
  signal: AbortSignal;
  /** Our own server: what its conflicts propose is sent. */
  isOwn: boolean;
}

/**
 * Calls a tool, as its card shows it, until there is a result that the model must see. On the way, without the model:
 * a VERSION_MISMATCH without overlap is sent again as the merge that the server proposes, at the time that it names; a
 * server's questions go to the person (MCP elicitation of both eras; a form that a result asks for). An overlap is for the
 * model, which asks the person.
 * @throws what the connection throws, and the run's reason when it is stopped.
 */
export async function callTool(options: CallOptions): Promise<Outcome> {
  const { card, signal, run, from } = options;
  let args = card.call.arguments;
  const version = args['expected_version'];
  await card.update({ state: 'running', ...(typeof version === 'string' && { versionBefore: version }) });
  const policy = retry(handleType(Again), {
    maxAttempts: callBounds.attemptsMax - 1,
    backoff: new DelegateBackoff(pauseOf),
  });
  let entries = 0;
  // What an earlier attempt of the run has left (a restart); it is good for one call.
  let { continuation } = card.call;
  const attempt = async (): Promise<Answered> => {
    await card.update({ attempts: card.call.attempts + 1, arguments: args });
    for (;;) {
      const answer = await answerOf(options, args, continuation);
      continuation = undefined;
      const form = reentryOf(card.call.tool, answer.structured, answer.text);
      if (!form || entries >= callBounds.roundsMax) return answer;
      // Its form is stateless, so the call is known as waiting for what has been asked.
      await card.update({ continuation: { round: entries } });
      const call = { id: card.call.id, server: card.call.server, tool: card.call.tool, arguments: args };
      const { action, content } = await elicit(run, form, { id: `${card.call.id}:form:${entries}`, from, call });
      entries++;
      if (action !== 'accept') return { isError: true, structured: undefined, text: notAnswered(action) };
      args = { ...args, ...content };
      await card.update({ arguments: args });
    }
  };
  let answer: Answered;
  try {
    answer = await policy.execute(async () => {
      const answered = await attempt();
      const next = options.isOwn ? nextAttempt(answered, args) : undefined;
      if (!next) return answered;
      args = next.args;
      throw new Again(answered, next.args, next.afterMs);
    }, signal);
  } catch (error) {
    if (error instanceof Again) answer = error.answer;
    else throw error;
  }
  const merged = card.call.attempts > 1 && !answer.isError;
  const result = withMerged(answer.structured ?? answer.text, merged);
  await card.end({ result, ...cardOf(answer, merged) });
  return { ok: !answer.isError, result, merged };
}

/** The pause before the next attempt: what the server has asked for, else exponential with full jitter. */
function pauseOf({ attempt, result }: { attempt: number; result: object }): number {
  const error = 'error' in result ? result.error : undefined;
  if (error instanceof Again && error.afterMs > 0) return error.afterMs;
  const { firstDelayMs: initialDelay, delayMaxMs: maxDelay } = callBounds;
  const [delay] = fullJitterGenerator(attempt, { initialDelay, maxDelay, exponent: 2, generator: fullJitterGenerator });
  return delay;
}

/** One answer of the server, with all questions that it asks on the way. */
async function answerOf(
  options: CallOptions,
  args: Record<string, unknown>,
  continuation: ToolCall['continuation'],
): Promise<Answered> {
  const { connection, card, run, from } = options;
  const { id, server, tool } = card.call;
  const call: Question['call'] = { id, server, tool, arguments: args };
  const silence = new Silence(options.signal);
  let asked = 0;
  const ask = (elicitation: Elicitation, key: string) =>
    elicit(run, elicitation, { id: `${id}:${key}`, from, call, onWait: (waits) => silence.pause(waits) });
  const send = (more: object) =>
    connection.client.callTool(
      { name: tool, arguments: args, _meta: { 'tandem/run': run.id }, ...more },
      {
        signal: silence.signal,
        // Silence is watched here, since the SDK counts the time in which a person is asked.
        timeout: Silence.never,
        allowInputRequired: true,
        // With its output schema the SDK would refuse a result that asks for input, since it has no structured content.
        toolDefinition: withoutOutput(options.definition),
        onprogress: ({ progress, total, message }) => {
          silence.heard();
          card.progress(message ?? (total === undefined ? `${progress} done` : `${progress} of ${total} done`));
        },
      },
    );
  try {
    return await connection.use(
      (elicitation) => ask(elicitation, `ask:${asked++}`),
      async () => {
        let more: object = continuation?.inputRequests ? await resume(continuation, ask) : {};
        for (let round = (continuation?.round ?? -1) + 1; ; round++) {
          let answer: unknown;
          try {
            answer = await send(more);
          } catch (error) {
            if (!(error instanceof UrlElicitationRequiredError) || round >= callBounds.roundsMax) throw error;
            const declined = await visit(error, (one, key) => ask(one, `${round}:${key}`));
            if (declined) return declined;
            continue;
          }
          if (!isInputRequiredResult(answer)) return readAnswer(answer as CallToolResult);
          if (round >= callBounds.roundsMax) throw new Error('the server asks without end');
          const { inputRequests, requestState } = answer;
          const waiting = { round, ...(inputRequests && { inputRequests }), ...(requestState !== undefined && { requestState }) };
          await card.update({ continuation: waiting });
          more = await resume(waiting, ask);
        }
      },
    );
  } finally {
    silence.end();
  }
}

type Ask = (elicitation: Elicitation, key: string) => Promise<object>;

/** Gathers what a server of the 2026 era has asked for (MRTR), and its state, for the next round. */
async function resume(
  { inputRequests = {}, requestState, round }: { inputRequests?: object; requestState?: string; round: number },
  ask: Ask,
): Promise<object> {
  const inputResponses: Record<string, unknown> = {};
  for (const [key, request] of Object.entries(inputRequests)) {
    const { method, params } = request as { method: string; params: Elicitation };
    if (method !== 'elicitation/create') throw new Error(`the server asks for ${method}, which this agent does not offer`);
    inputResponses[key] = await ask(params, `${round}:${key}`);
  }
  return { inputResponses, ...(requestState !== undefined && { requestState }) };
}

/** A server of the 2025 era that refuses until a page was visited. @returns the end of the call, if the person does not. */
async function visit({ elicitations }: UrlElicitationRequiredError, ask: Ask): Promise<Answered | undefined> {
  for (const [index, elicitation] of elicitations.entries()) {
    const { action } = (await ask({ ...elicitation, mode: 'url' }, `url:${index}`)) as {
      action: 'accept' | 'decline' | 'cancel';
    };
    if (action !== 'accept') return { isError: true, structured: undefined, text: notAnswered(action) };
  }
  return undefined;
}

function notAnswered(action: 'accept' | 'decline' | 'cancel'): string {
  return action === 'decline'
    ? 'The person declined to give what the tool asked for. Nothing was done.'
    : 'The person put the question of the tool away without an answer. Nothing was done.';
}

function readAnswer({ content, structuredContent, isError }: CallToolResult): Answered {
  const text = content.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n');
  return { structured: structuredContent, text, isError: isError === true };
}

/** Whether the server has said how the same call can succeed now. */
function nextAttempt({ structured }: Answered, args: Record<string, unknown>) {
  const { success, content } = (structured ?? {}) as Partial<ToolResult>;
  if (success !== false || !content) return undefined;
  const { conflict } = content;
  const wait = Number((conflict as { retry_after_ms?: unknown } | undefined)?.retry_after_ms ?? content['retry_after_ms'] ?? 0);
  if (wait > callBounds.askedDelayMaxMs) return undefined;
  if (!conflict) return wait > 0 ? { args, afterMs: wait } : undefined;
  if (conflict.overlap) return undefined;
  const expected = { expected_version: conflict.current_version };
  if (conflict.merged) {
    const record = 'group_data' in args ? 'group_data' : 'user_data';
    return { args: { ...args, [record]: conflict.merged, ...expected }, afterMs: wait };
  }
  // What says only what should change can be sent as it is. A deletion is a new decision.
  const isChange = ['operations', 'add', 'remove'].some((name) => Array.isArray(args[name]));
  return isChange && 'expected_version' in args ? { args: { ...args, ...expected }, afterMs: wait } : undefined;
}

function withMerged(result: unknown, merged: boolean): unknown {
  const { metadata } = (result ?? {}) as Partial<ToolResult>;
  return merged && metadata ? { ...(result as ToolResult), metadata: { ...metadata, merged } } : result;
}

/** What a card says of a result. */
function cardOf({ structured, text, isError }: Answered, merged: boolean) {
  const { content, metadata } = (structured ?? {}) as Partial<ToolResult>;
  const version = metadata?.['version'];
  if (isError) {
    const summary = content?.conflict
      ? 'Refused: somebody changed it meanwhile.'
      : (content?.error ?? (text.slice(0, 300) || 'Refused.'));
    return { state: 'failed' as const, summary };
  }
  return {
    state: 'succeeded' as const,
    ...(content?.['status'] === 'pending' && { summary: 'Waits for approval in the inbox.' }),
    ...(merged && { summary: 'Done, merged with a change made meanwhile.' }),
    ...(typeof version === 'string' && { versionAfter: version }),
  };
}

function withoutOutput({ outputSchema: _outputSchema, ...definition }: Tool): Tool {
  return definition;
}
