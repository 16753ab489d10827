import type { ToolCall } from '../context.ts';
import type { Run } from '../run.ts';
import { withoutSecrets } from './without-secrets.ts';

const progressMs = 400;
/** What is kept of a result; a node has a bound. */
const resultMax = 100_000;

/** The node of one tool call. What is shown is always as new as what is known; writes to disk follow each other. */
export class ToolCard {
  readonly #run: Run;
  readonly #metadata: Record<string, unknown>;
  readonly #started = performance.now();
  #call: ToolCall;
  #last: Promise<void> = Promise.resolve();
  #toldAt = 0;

  /** @param step which step of the run the call belongs to; those of one step were asked for together. */
  constructor(run: Run, call: ToolCall, step: number) {
    this.#run = run;
    this.#call = call;
    this.#metadata = { role: 'tool', task: run.id, step };
  }

  get call(): Readonly<ToolCall> {
    return this.#call;
  }

  /** Resolves when the change is on disk. */
  update(change: Partial<ToolCall>): Promise<void> {
    this.#call = { ...this.#call, ...change };
    const node = {
      id: this.#call.id,
      contentType: 'tool_call',
      content: JSON.stringify(this.#call),
      metadata: this.#metadata,
    };
    const written = this.#last.then(() => this.#run.put(node));
    this.#last = written.catch(() => {});
    return written;
  }

  /** Shows how far the call is, at most a few times a second. */
  progress(summary: string): void {
    const now = performance.now();
    if (now - this.#toldAt < progressMs) return;
    this.#toldAt = now;
    this.update({ summary }).catch(() => {});
  }

  /** The last change of a call. Its secrets are not kept longer than it may still have to be sent again. */
  end(change: Partial<ToolCall>): Promise<void> {
    const { continuation: _done, summary: _progress, ...rest } = this.#call;
    this.#call = rest;
    const { result } = change;
    const text = typeof result === 'string' ? result : (JSON.stringify(result) ?? '');
    const kept =
      text.length > resultMax ? { result: `${text.slice(0, resultMax)}\n… ${text.length - resultMax} more characters.` } : {};
    const isOver = change.state !== 'interrupted';
    return this.update({
      durationMs: Math.round(performance.now() - this.#started),
      ...(isOver && { arguments: withoutSecrets(rest.arguments) }),
      ...change,
      ...kept,
    });
  }
}
