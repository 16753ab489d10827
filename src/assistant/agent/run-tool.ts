import { dynamicTool, jsonSchema } from 'ai';
import type { ToolCall } from '../context.ts';
import type { Run } from '../run.ts';
import { callTool } from './call-tool.ts';
import type { Connection } from './connections.ts';
import type { DataMarks } from './data.ts';
import { findOut } from './find-out.ts';
import { outputOf, toolCallOf } from './history.ts';
import type { Permissions, ServedTool } from './permissions.ts';
import type { Scope } from './scope.ts';
import type { Toolbox } from './toolbox.ts';
import { ToolCard } from './tool-card.ts';

type Served = ServedTool & { connection: Connection };

/** Runs the calls of one run, as their cards show them. */
export class ToolRunner {
  readonly #run: Run;
  readonly #permissions: Permissions;
  readonly #scope: Scope;
  readonly #inFlight = new Set<Promise<unknown>>();
  /** The step of the run that is going on. */
  step = 0;

  constructor(run: Run, permissions: Permissions, scope: Scope) {
    this.#run = run;
    this.#permissions = permissions;
    this.#scope = scope;
  }

  /** A tool as the loop takes it. @param marks how a model is shown what it answers. */
  toTool(served: Served, marks: DataMarks | undefined) {
    const { name, description, inputSchema } = served.tool;
    return dynamicTool({
      description: description ?? name,
      inputSchema: jsonSchema(inputSchema as Parameters<typeof jsonSchema>[0]),
      execute: async (input, { abortSignal = this.#run.signal }) =>
        this.call(served, input as Record<string, unknown>, abortSignal),
      toModelOutput: ({ output }) => outputOf(output as ToolCall, marks),
    });
  }

  /** Makes a call with a card of its own. @returns the card as it is at the end. @throws the reason of the signal. */
  async call(served: Served, args: Record<string, unknown>, signal: AbortSignal): Promise<ToolCall> {
    const call: ToolCall = {
      id: crypto.randomUUID(),
      server: served.server,
      tool: served.tool.name,
      // The model's object could change while the person looks at it.
      arguments: structuredClone(args),
      state: 'running',
      attempts: 0,
    };
    return this.#track(this.#perform(served, new ToolCard(this.#run, call, this.step), signal));
  }

  /** Goes on with calls that were in flight when Tandem ended. Those that wait for a person wait on, all at once. */
  async resume(toolbox: Toolbox): Promise<void> {
    const interrupted = this.#run.nodes().flatMap((node) => {
      const isOurs = node.contentType === 'tool_call' && node.metadata.task === this.#run.id;
      const call = isOurs ? toolCallOf(node) : undefined;
      if (!call || (call.state !== 'interrupted' && call.state !== 'running')) return [];
      const step = Number(node.metadata['step'] ?? 0);
      return [{ card: new ToolCard(this.#run, call, step), call }];
    });
    await Promise.all(
      interrupted.map(async ({ card, call }) => {
        const served = toolbox.find(call.server, call.tool);
        if (!served) return card.end({ state: 'interrupted', summary: 'Interrupted; whether it was done is not known.' });
        // Never sent, or waiting for the person, or harmless: it goes on.
        const goesOn =
          call.attempts === 0 ||
          call.continuation !== undefined ||
          (served.isOwn && served.tool.annotations?.readOnlyHint === true);
        if (goesOn) await this.#track(this.#perform(served, card, this.#run.signal));
        else await this.#goOn(served, card, toolbox);
      }),
    );
  }

  /** Resolves when no call is running any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }

  async #perform(served: Served, card: ToolCard, signal: AbortSignal): Promise<ToolCall> {
    try {
      await card.update({ state: 'running' });
      const refusal = await this.#permissions.refusal(served, card);
      if (refusal !== undefined) {
        await card.end({ state: 'failed', summary: refusal, result: refusal });
        return card.call;
      }
      const { connection, from, isOwn, tool: definition } = served;
      await callTool({ run: this.#run, connection, card, definition, from, signal, isOwn });
      this.#scope.read(card.call, isOwn);
      return card.call;
    } catch (error) {
      const { attempts } = card.call;
      if (signal.aborted) {
        // What waits for the person has done nothing yet, and goes on with its question when the request is tried again.
        const waited = card.call.continuation !== undefined;
        const summary = waited
          ? 'Stopped while it waited for an answer.'
          : attempts === 0
            ? 'Stopped before it was sent.'
            : 'Stopped; whether it was done is not known.';
        // Whoever closes Tandem wants to go on later with what was not sent.
        const state = attempts === 0 && signal.reason !== 'closing' ? ('failed' as const) : ('interrupted' as const);
        if (signal.reason === 'closing') await card.update({ state }).catch(() => {});
        else if (waited) await card.update({ state, summary }).catch(() => {});
        else await card.end({ state, summary }).catch(() => {});
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      const summary = `${served.from} could not be reached, or did not answer.`;
      await card.end({
        state: 'failed',
        summary,
        result: `${summary} (${reason.slice(0, 300)}) Whether it was done is not known: read before you try again.`,
      });
      return card.call;
    }
  }

  /** Goes on with a write that was interrupted after it was sent, as far as can be found out what has become of it. */
  async #goOn(served: Served, card: ToolCard, toolbox: Toolbox): Promise<void> {
    const found = served.isOwn ? await findOut(this.#run, card.call, toolbox) : ({ kind: 'unknown' } as const);
    if (found.kind === 'not-done') await this.#doAgain(served, card);
    else if (found.kind === 'unknown')
      await card.end({ state: 'interrupted', summary: 'Interrupted; whether it was done is not known.' });
    else {
      const { id, version } = found;
      await card.end({
        state: 'succeeded',
        summary: `It was done: the history has this run's change, version ${version ?? '?'}.`,
        result: { success: true, content: { ...record(card.call.arguments), id, status: 'done' }, metadata: { version } },
        ...(version !== undefined && { versionAfter: version }),
      });
    }
  }

  /** Makes a write that was not done, where nobody's change since can be lost by it; else the model is told. */
  async #doAgain(served: Served, card: ToolCard): Promise<void> {
    const { arguments: args } = card.call;
    const isConditional = 'expected_version' in args || served.tool.name.startsWith('scim_create_');
    if (isConditional) return void (await this.#track(this.#perform(served, card, this.#run.signal)));
    const summary = 'It was not done: the history has no change of this run. It can be sent again.';
    const result = { success: false, content: { error: summary, error_code: 'INTERRUPTED' }, metadata: {} };
    await card.end({ state: 'failed', summary, result });
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.add(work);
    work.finally(() => this.#inFlight.delete(work)).catch(() => {});
    return work;
  }
}

/** The record that a call has sent, which a result shows again. */
function record(args: Record<string, unknown>): object {
  return args['user_data'] ?? args['group_data'] ?? {};
}
