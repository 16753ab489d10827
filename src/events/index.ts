/** Change events for receivers outside: security event tokens (RFC 9967) by poll (RFC 8936) and push (RFC 8935). */
export { EventStreams, type EventStreamsOptions } from './event-streams.ts';
export type { NewEventStream } from './new-event-stream.ts';
export type { PollAnswer } from './poll-delivery.ts';
export type { EventStreamStatus } from './status.ts';
