import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

/** Who asks for what: of one request, from its beginning to its answer. Each line of the log says it. */
export interface CallContext {
  /** The client's own (`X-Request-Id`), or made for it. */
  requestId: string;
  /** `mcp`, `scim`, `auth`, `window`, `control` or `health`. */
  door: string;
  tenant?: string;
  /** Id of the client: an OAuth client's or an access key's. */
  client?: string;
  /** As people know it. */
  clientName?: string;
  /** A stream or a long poll: it has no end of its own, so it is not timed, and closing does not wait for it. */
  isOpenEnded?: boolean;
  /** Takes it out of the calls that are under way (limits.ts). */
  leave?: () => void;
  /** Of the request, where traces are exported (trace.ts). */
  span?: Span;
}

const storage = new AsyncLocalStorage<CallContext>();

/** Runs work as part of a call. */
export function inCall<T>(context: CallContext, work: () => T): T {
  return storage.run(context, work);
}

/** The call that is being answered; undefined outside of any. */
export function currentCall(): CallContext | undefined {
  return storage.getStore();
}

/** A door says who its caller is, once it knows. */
export function calledBy({ tenant, id, name }: { tenant: string; id: string; name: string }): void {
  const call = storage.getStore();
  if (call) Object.assign(call, { tenant, client: id, clientName: name });
}

/** A door says that the call is a stream or waits for something that may never come. */
export function openEnded(): void {
  const call = storage.getStore();
  if (!call) return;
  call.isOpenEnded = true;
  call.leave?.();
}
