import type { Client } from '@modelcontextprotocol/client';
import { ExponentialBackoff, fullJitterGenerator, handleType, retry } from 'cockatiel';
import type { ToolCall } from './conversation.ts';
import type { ToolResult } from './offline/index.ts';

/** Bounds of one tool call of the agent. */
export const callBounds = { attemptsMax: 8, firstDelayMs: 30, delayMaxMs: 2000, timeoutMs: 15_000 } as const;

/** A mismatch whose sides do not overlap: the merge can be sent. */
class Mergeable extends Error {
  readonly result: ToolResult;
  constructor(result: ToolResult) {
    super('the versions differ, but nothing overlaps');
    this.result = result;
  }
}

/**
 * Calls a tool of the server, as its card shows it. On VERSION_MISMATCH without overlap it sends the merge that the server
 * proposes, with the current version, after a jittered exponential pause, and gives up after a bound; an overlap is for
 * the model, which asks the person.
 * @param show is told of each change of the card.
 * @returns the structured result, of a success or a refusal.
 * @throws what the connection throws, and when aborted.
 */
export async function callTool(options: {
  client: Client;
  id: string;
  tool: string;
  args: Record<string, unknown>;
  /** What the server is told that the call belongs to, so that all of it can be undone together. */
  run: string;
  signal: AbortSignal;
  show: (card: ToolCall) => void;
}): Promise<ToolResult> {
  const { client, tool, signal } = options;
  const started = performance.now();
  let args = options.args;
  const card: ToolCall = { kind: 'tool-call', id: options.id, tool, arguments: args, state: 'running', attempts: 0 };
  const before = args['expected_version'];
  if (typeof before === 'string') card.versionBefore = before;
  const policy = retry(handleType(Mergeable), {
    maxAttempts: callBounds.attemptsMax - 1,
    backoff: new ExponentialBackoff({
      initialDelay: callBounds.firstDelayMs,
      maxDelay: callBounds.delayMaxMs,
      generator: fullJitterGenerator,
    }),
  });
  const finish = (result: ToolResult): ToolResult => {
    const merged = card.attempts > 1 && result.success;
    Object.assign(card, { result, durationMs: Math.round(performance.now() - started), ...outcome(result, merged) });
    options.show({ ...card });
    return merged ? { ...result, metadata: { ...result.metadata, merged } } : result;
  };
  try {
    return finish(
      await policy.execute(async ({ signal: retrySignal }) => {
        card.attempts++;
        card.arguments = args;
        options.show({ ...card });
        const answer = await client.callTool(
          { name: tool, arguments: args, _meta: { 'tandem/run': options.run } },
          {
            signal: AbortSignal.any([signal, retrySignal]),
            timeout: callBounds.timeoutMs,
            // A call that waits for somebody's approval says so each second.
            onprogress: () => {},
            resetTimeoutOnProgress: true,
          },
        );
        const result = answer.structuredContent as ToolResult | undefined;
        if (!result) throw new Error('the server answered without a structured result');
        const { conflict } = result.content;
        if (!conflict || conflict.overlap) return result;
        // What says only what should change can be sent as it is; a whole record must be the merged one.
        const isChange = ['operations', 'add', 'remove'].some((name) => Array.isArray(args[name]));
        if (!conflict.merged && !isChange) return result;
        const record = 'group_data' in args ? 'group_data' : 'user_data';
        args = {
          ...args,
          ...(conflict.merged && { [record]: conflict.merged }),
          expected_version: conflict.current_version,
        };
        throw new Mergeable(result);
      }, signal),
    );
  } catch (error) {
    if (error instanceof Mergeable) return finish(error.result);
    const summary = signal.aborted ? 'Stopped; whether it was done is not known.' : 'Tandem could not be reached.';
    options.show({ ...card, state: 'failed', summary, durationMs: Math.round(performance.now() - started) });
    throw error;
  }
}

/** What a card says of a result. */
function outcome({ success, content, metadata }: ToolResult, merged: boolean): Partial<ToolCall> {
  if (!success)
    return {
      state: 'failed',
      summary: content.conflict ? 'Refused: somebody changed it meanwhile.' : (content.error ?? 'Refused.'),
    };
  const { version } = metadata;
  if (content['status'] === 'pending') return { state: 'succeeded', summary: 'Waits for approval in the inbox.' };
  return {
    state: 'succeeded',
    ...(merged && { summary: 'Done, merged with a change made meanwhile.' }),
    ...(typeof version === 'string' ? { versionAfter: version } : {}),
  };
}
