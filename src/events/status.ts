import type { EventStream } from '../directory/index.ts';
import type { Outbox } from './outbox.ts';
import type { PollDelivery } from './poll-delivery.ts';
import { PushDelivery } from './push-delivery.ts';

/** A stream as it is shown, with how it is doing. */
export interface EventStreamStatus {
  name: string;
  created: string;
  audience: string;
  form: EventStream['form'];
  method: 'poll' | 'push';
  url?: string;
  hasAuthorization: boolean;
  /** `stopped`: it was tried for long enough, and waits for somebody to let it go on. */
  state: 'up to date' | 'delivering' | 'retrying' | 'stopped' | 'suspended';
  /** The receiver has all changes up to this revision of the directory. */
  position: number;
  /** Changes that it has not; where there are more than are counted, `hasMore`. */
  waiting: { count: number; hasMore: boolean };
  /** What went wrong last; absent since something was received again. */
  problem?: { at: string; message: string };
}

/** @param isActive whether the tenant lets anything out. */
export function statusOf(
  { stream, waiting }: Outbox,
  delivery: PollDelivery | PushDelivery,
  isActive: boolean,
): EventStreamStatus {
  const { name, created, audience, form, position } = stream;
  const push = stream.delivery.method === 'push' ? stream.delivery : undefined;
  const trying = delivery instanceof PushDelivery ? delivery.problem : undefined;
  const problem = trying === undefined ? stream.problem : { at: new Date().toISOString(), message: trying };
  const state = (): EventStreamStatus['state'] => {
    if (!isActive) return 'suspended';
    if (delivery instanceof PushDelivery && delivery.isStopped) return 'stopped';
    if (trying !== undefined) return 'retrying';
    return waiting.count > 0 ? 'delivering' : 'up to date';
  };
  return {
    name,
    created,
    audience,
    form,
    method: stream.delivery.method,
    ...(push && { url: push.url }),
    hasAuthorization: push?.authorization !== undefined,
    state: state(),
    position,
    waiting,
    ...(problem && { problem }),
  };
}
