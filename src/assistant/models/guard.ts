import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  DelegateBackoff,
  fullJitterGenerator,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import PQueue from 'p-queue';
import { RedirectRefused } from '../address.ts';
import { RunError } from '../run.ts';
import { CutOff, isTransient, retryAfterOf, TooSilent, toRunError } from './model-errors.ts';

/** Bounds of the client of one endpoint. */
export interface ModelBounds {
  /** Requests at the same time whose answers have not begun. */
  concurrency: number;
  waitingMax: number;
  attemptsMax: number;
  firstDelayMs: number;
  delayMaxMs: number;
  /** A longer pause than this is not waited for here: the run ends, and its worker takes it up again then. */
  askedDelayMaxMs: number;
  /** Until the first piece of the answer; a model on one's own machine may have to be loaded first. */
  firstTokenMs: number;
  betweenTokensMs: number;
  /** Failures in a row after which an endpoint is left alone, and for how long. */
  failuresMax: number;
  restMs: number;
}

export const defaultBounds: ModelBounds = {
  concurrency: 4,
  waitingMax: 200,
  attemptsMax: 4,
  firstDelayMs: 500,
  delayMaxMs: 8000,
  askedDelayMaxMs: 30_000,
  firstTokenMs: 120_000,
  betweenTokensMs: 60_000,
  failuresMax: 5,
  restMs: 30_000,
};

/** Stands between the agent and one endpoint: rate, retries, timeouts, and rest for one that fails. */
export class EndpointGuard {
  readonly #bounds: ModelBounds;
  readonly #queue: PQueue;
  readonly #breaker;
  readonly #label: string;

  constructor(label: string, requestsPerMinute: number | undefined, bounds: ModelBounds) {
    this.#label = label;
    this.#bounds = bounds;
    this.#queue = new PQueue({
      concurrency: bounds.concurrency,
      ...(requestsPerMinute !== undefined && { interval: 60_000, intervalCap: requestsPerMinute, strict: true }),
    });
    this.#breaker = circuitBreaker(handleWhen(isTransient), {
      halfOpenAfter: bounds.restMs,
      breaker: new ConsecutiveBreaker(bounds.failuresMax),
    });
  }

  /** Whether the endpoint is left alone just now, since it has failed too often. */
  get rests(): boolean {
    return this.#breaker.state === CircuitState.Open;
  }

  /** @returns the same model, guarded. What it throws are RunErrors, or the reason of the caller's signal. */
  protect(model: LanguageModelV4, key: string | undefined): LanguageModelV4 {
    const run = <T>(options: LanguageModelV4CallOptions, attempt: () => Promise<T>) => this.#run(options, key, attempt);
    return {
      specificationVersion: model.specificationVersion,
      provider: model.provider,
      modelId: model.modelId,
      supportedUrls: model.supportedUrls,
      doGenerate: (options) => run(options, async () => model.doGenerate(options)),
      doStream: (options) =>
        run(options, async () => {
          const abort = new AbortController();
          const abortSignal = AbortSignal.any([abort.signal, ...(options.abortSignal ? [options.abortSignal] : [])]);
          const begun = await this.#inTime(orBroken(model.doStream({ ...options, abortSignal })), abort);
          return { ...begun, stream: await this.#watched(begun.stream, abort, key) };
        }),
    };
  }

  async #run<T>(
    { abortSignal: signal }: LanguageModelV4CallOptions,
    key: string | undefined,
    attempt: () => Promise<T>,
  ): Promise<T> {
    const { attemptsMax, askedDelayMaxMs, waitingMax } = this.#bounds;
    if (this.#queue.size >= waitingMax)
      throw new RunError('MODEL_BUSY', `Too much waits for ${this.#label}.`, { transient: true });
    const isWorthwhile = (error: unknown) => isTransient(error) && (retryAfterOf(error) ?? 0) <= askedDelayMaxMs;
    const policy = wrap(
      retry(handleWhen(isWorthwhile), {
        maxAttempts: attemptsMax - 1,
        backoff: new DelegateBackoff(({ attempt: number, result }: { attempt: number; result: object }) =>
          this.#pause(number, 'error' in result ? result.error : undefined),
        ),
      }),
      this.#breaker,
    );
    try {
      // Each attempt waits for its turn, so that retries keep to the rate too.
      return await policy.execute(() => this.#queue.add(attempt, signal && { signal }) as Promise<T>, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof BrokenCircuitError)
        throw new RunError('MODEL_UNAVAILABLE', `${this.#label} has failed too often; it is tried again in a while.`, {
          transient: true,
          retryAfterMs: this.#bounds.restMs,
        });
      throw toRunError(error, this.#label, key);
    }
  }

  #pause(attempt: number, error: unknown): number {
    const { firstDelayMs: initialDelay, delayMaxMs: maxDelay } = this.#bounds;
    const asked = retryAfterOf(error);
    const [jitter] = fullJitterGenerator(attempt, { initialDelay, maxDelay, exponent: 2, generator: fullJitterGenerator });
    return asked === undefined ? jitter : asked + Math.min(jitter, 250);
  }

  async #inTime<T>(work: Promise<T>, abort: AbortController, ms = this.#bounds.firstTokenMs, beforeAnswer = true): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = new TooSilent(ms / 1000, beforeAnswer);
        reject(error);
        abort.abort(error);
      }, ms);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      // The one that lost the race fails later, and nobody waits for it.
      work.catch(() => {});
    }
  }

  /**
   * Reads on until the answer begins, so that what fails before can be tried again; then passes it on, each piece in time.
   * An answer that has begun is never asked for again, since a part of it was shown.
   */
  async #watched(source: ReadableStream<LanguageModelV4StreamPart>, abort: AbortController, key: string | undefined) {
    const reader = source.getReader();
    const held: LanguageModelV4StreamPart[] = [];
    const next = async (begun: boolean): Promise<LanguageModelV4StreamPart | undefined> => {
      const { firstTokenMs, betweenTokensMs } = this.#bounds;
      const { done, value } = await this.#inTime(orBroken(reader.read()), abort, begun ? betweenTokensMs : firstTokenMs, !begun);
      if (done) return undefined;
      if (value.type === 'error') throw asBroken(value.error);
      if (value.type === 'finish' && isCut(value)) throw new CutOff('the answer has no end');
      return value;
    };
    for (;;) {
      const part = await next(false);
      if (!part) throw new CutOff('there was no answer');
      held.push(part);
      if (!preludes.has(part.type)) break;
    }
    let ended = held.at(-1)?.type === 'finish';
    const label = this.#label;
    return new ReadableStream<LanguageModelV4StreamPart>({
      async pull(controller) {
        const first = held.shift();
        if (first) return controller.enqueue(first);
        try {
          const part = ended ? undefined : await next(true);
          if (part) {
            ended = part.type === 'finish';
            return controller.enqueue(part);
          }
          if (!ended) throw new CutOff('the answer has no end');
        } catch (error) {
          const { code, message } = toRunError(error, label, key);
          // What has begun is not begun again by the worker either.
          controller.enqueue({ type: 'error', error: new RunError(code, message) });
        }
        controller.close();
      },
      async cancel(reason) {
        abort.abort(reason);
        await reader.cancel(reason).catch(() => {});
      },
    });
  }
}

const preludes = new Set<LanguageModelV4StreamPart['type']>([
  'stream-start',
  'response-metadata',
  'text-start',
  'reasoning-start',
  'raw',
  'ping',
]);

/** What a parser or a connection throws in the middle of an answer says in many ways that it broke off. */
async function orBroken<T>(work: PromiseLike<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asBroken(error);
  }
}

function asBroken(error: unknown): unknown {
  const isKnown =
    APICallError.isInstance(error) ||
    error instanceof TooSilent ||
    error instanceof RedirectRefused ||
    (error instanceof Error && error.name === 'AbortError');
  return isKnown ? error : new CutOff('the answer broke off', { cause: error });
}

/** A stream whose connection was cut between two events ends without a reason. */
function isCut({ finishReason }: Extract<LanguageModelV4StreamPart, { type: 'finish' }>): boolean {
  const { unified } = finishReason;
  return unified === 'error' || unified === 'interrupted' || (unified === 'other' && finishReason.raw === undefined);
}
