import { z } from 'zod';
import type { EventStreams, EventStreamStatus } from '../events/index.ts';

const stream = z.object({ tenant: z.string(), name: z.string() });
const target = z.object({ url: z.string().optional(), authorization: z.string().optional() });
const status = z.custom<EventStreamStatus>();

/** What the command line may ask of the host about event streams (control.ts). */
export const eventRequests = {
  'events-list': { input: z.object({ tenant: z.string() }), output: z.custom<EventStreamStatus[]>() },
  'events-add': {
    input: stream.extend({ audience: z.string().optional(), form: z.enum(['notice', 'full']), ...target.shape }),
    output: status,
  },
  'events-set': { input: stream.extend(target.shape), output: status },
  'events-resume': { input: stream.extend({ skip: z.boolean() }), output: status },
  'events-remove': { input: stream, output: z.object({}) },
};
export type EventRequests = typeof eventRequests;
type EventHandlers = {
  [N in keyof EventRequests]: (input: z.infer<EventRequests[N]['input']>) => Promise<z.infer<EventRequests[N]['output']>>;
};

/** What a host does for `tandem events`, and what that does itself where no host runs. */
export function eventHandlers(streams: EventStreams): EventHandlers {
  return {
    'events-list': ({ tenant }) => streams.list(tenant),
    'events-add': ({ tenant, ...wish }) => streams.add(tenant, wish),
    'events-set': ({ tenant, name, ...change }) => streams.update(tenant, name, change),
    'events-resume': ({ tenant, name, ...options }) => streams.resume(tenant, name, options),
    async 'events-remove'({ tenant, name }) {
      await streams.remove(tenant, name);
      return {};
    },
  };
}
