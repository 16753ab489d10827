import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, Span, SpanStatusCode } from '@opentelemetry/api';
import { currentCall } from './call-context.ts';

/** A piece of work in a trace. Its attributes never have what a user, a client or a tenant has written, and no id of theirs. */
export type TraceSpan = Span;

export interface SpanOptions {
  kind: 'server' | 'client' | 'internal';
  attributes?: Attributes;
  /**
   * What a caller has sent of its own trace (W3C Trace Context): headers, or `_meta` of an MCP request. Where it is valid the span
   * belongs to that trace, and is linked with the work that goes on here.
   */
  remote?: Readonly<Record<string, unknown>> | undefined;
  /** Begins a trace of its own, whatever goes on here. */
  isRoot?: boolean;
  /** Milliseconds since the epoch, if it has begun before. */
  startTime?: number;
}

/** Makes spans. There is one where traces are exported (export-traces.ts), and none elsewhere. */
export interface Tracer {
  begin(name: string, options: SpanOptions, active: Span | undefined): Span;
}

/** Of the process, as OpenTelemetry's own is: work is traced wherever it is done. */
let tracer: Tracer | undefined;
const storage = new AsyncLocalStorage<Span>();
const errorStatus: { code: SpanStatusCode } = { code: 2 };

/** @returns a function that takes the tracer away again. */
export function traceWith(made: Tracer): () => void {
  tracer = made;
  return () => {
    if (tracer === made) tracer = undefined;
  };
}

/** The work that goes on here; undefined where nothing is traced. */
export function activeSpan(): Span | undefined {
  return tracer && (storage.getStore() ?? currentCall()?.span);
}

/** Begins a span below the work that goes on here; who begins it ends it. Undefined, at next to no cost, where nothing is traced. */
export function beginSpan(name: string, options: SpanOptions): Span | undefined {
  return tracer?.begin(name, options, options.isRoot ? undefined : activeSpan());
}

/** Runs work as part of a span. */
export function inSpan<T>(span: Span | undefined, work: () => T): T {
  return span ? storage.run(span, work) : work();
}

/** @param type a code of Tandem's own, or the name of a class of errors. */
export function failSpan(span: Span | undefined, type: string): void {
  span?.setAttribute('error.type', type).setStatus(errorStatus);
}

/** Runs work in a span of its own, which ends with it. */
export async function traced<T>(name: string, options: SpanOptions, work: (span: Span | undefined) => Promise<T>): Promise<T> {
  const span = beginSpan(name, options);
  if (!span) return work(undefined);
  try {
    return await inSpan(span, () => work(span));
  } catch (error) {
    failSpan(span, errorType(error));
    throw error;
  } finally {
    span.end();
  }
}

/** What to call an error in a trace: its code, or its class; never its message, which may have names in it. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** The header by which another server may go on with the trace (W3C Trace Context §3.2); none where nothing is traced. */
export function traceHeaders(): { traceparent?: string } {
  const span = activeSpan();
  if (!span) return {};
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}` };
}
