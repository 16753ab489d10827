import { tracked } from '@trpc/server';
import { z } from 'zod';
import type { AssistantEvent } from '../assistant/index.ts';
import type { Change, EscalationState, Presence, ResourceType } from '../directory/index.ts';
import { isForWindow } from './assistant.ts';
import type { WindowServices } from './services.ts';
import { procedure, router } from './trpc.ts';

/** What happens while a window is open. One stream carries all of it, since browsers open few connections to a host. */
export type WindowEvent =
  /** The stream is attached. `missed` means that changes were lost since the last event: read everything again. */
  | { kind: 'ready'; missed: boolean }
  | { kind: 'change'; change: Change }
  | { kind: 'approvals' }
  /** What waits for somebody's answer, or has got one. */
  | { kind: 'escalations'; tenant: string; id: string; state: EscalationState; to: string }
  /** Who is at a resource has changed. */
  | { kind: 'presence'; tenant: string; type: ResourceType; id: string; present: readonly Presence[] }
  /** A write was refused since others had changed the resource, or such a conflict was settled. */
  | { kind: 'conflicts'; tenant: string }
  /** A tenant's people or groups have other attributes now. */
  | { kind: 'schemas'; tenant: string }
  /** Something in a conversation of the assistant, or its models. */
  | { kind: 'assistant'; event: AssistantEvent };

/** Events waiting for a slow window before it is told to read everything again. */
const waitingMax = 2000;
const replayMax = 500;

/** The live stream of the window, resumed from the last revision it saw (server-sent events' Last-Event-ID). */
export const events = router({
  stream: procedure.input(z.object({ lastEventId: z.string().max(20).nullish() }).optional()).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    const queue = new EventQueue(ctx);
    signal?.addEventListener('abort', () => queue.end());
    try {
      let seen = Number(input?.lastEventId ?? Number.NaN);
      const latest = await ctx.directory.latestRevision();
      const missed = Number.isFinite(seen) ? await ctx.directory.changesSince(seen, replayMax) : [];
      if (!Number.isFinite(seen)) seen = latest;
      yield tracked(String(seen), { kind: 'ready', missed: missed.length === replayMax } satisfies WindowEvent as WindowEvent);
      if (missed.length < replayMax)
        for (const change of missed) {
          seen = change.revision;
          yield tracked(String(seen), { kind: 'change', change: withoutMembers(change) } satisfies WindowEvent as WindowEvent);
        }
      else seen = latest;
      for await (const event of queue.drain()) {
        if (event.kind === 'change') {
          if (event.change.revision <= seen) continue;
          seen = event.change.revision;
        }
        yield tracked(String(seen), event);
      }
    } finally {
      queue.end();
    }
  }),
});

/** Joins the announcements of all rooms into one bounded queue. It listens from the start, so that a replay has no gap. */
class EventQueue {
  #waiting: WindowEvent[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  readonly #unsubscribe: (() => void)[];

  constructor(services: WindowServices) {
    this.#unsubscribe = [
      services.directory.onChange((change) => this.#push({ kind: 'change', change: withoutMembers(change) })),
      services.directory.presence.onChange(({ tenant, type, id }) =>
        this.#push({ kind: 'presence', tenant, type, id, present: services.directory.presence.at({ tenant, type, id }) }),
      ),
      services.directory.conflicts.onChange(({ tenant }) => this.#push({ kind: 'conflicts', tenant })),
      services.directory.tenants.onSchemas((tenant) => this.#push({ kind: 'schemas', tenant })),
      services.approvals.onChange(() => this.#push({ kind: 'approvals' })),
      services.directory.escalations.onChange(({ tenant, id, state, to }) =>
        this.#push({ kind: 'escalations', tenant, id, state, to }),
      ),
      services.assistant.onEvent((event) => {
        if (isForWindow(event)) this.#push({ kind: 'assistant', event });
      }),
    ];
  }

  #push(event: WindowEvent): void {
    if (this.#waiting.length >= waitingMax) this.#waiting = [{ kind: 'ready', missed: true }];
    else this.#waiting.push(event);
    this.#wake?.();
  }

  async *drain(): AsyncGenerator<WindowEvent> {
    while (!this.#ended) {
      const event = this.#waiting.shift();
      if (event) yield event;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          if (this.#ended) resolve();
        });
    }
  }

  end(): void {
    this.#ended = true;
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#wake?.();
  }
}

/** A change of 50,000 members would be megabytes to each window, which reads the group anew instead. */
function withoutMembers({ members: _members, ...change }: Change): Change {
  return change;
}
