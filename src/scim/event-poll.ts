import type { Caller } from './resource.ts';
import type { Answer } from './resources.ts';

/** The change events of a tenant, as far as this door answers for them; another room makes them. */
export interface EventPolls {
  /** The events that the tenant's streams may carry (RFC 9967 §4); none where it has no stream. */
  eventUris(tenant: string): readonly string[];
  /** @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT, UNAVAILABLE. */
  poll(tenant: string, name: string, body: unknown, wait: { signal: AbortSignal; until?: number }): Promise<object>;
}

/**
 * Answers a poll for security event tokens (RFC 8936 §2), which may wait until there are some, or the access ends.
 * @param signal ends the waiting. @throws as EventPolls.poll.
 */
export async function answerPoll(
  events: EventPolls,
  { actor: { tenant }, expiresAt }: Caller,
  name: string,
  body: unknown,
  signal: AbortSignal,
): Promise<Answer> {
  const wait = { signal, ...(expiresAt !== undefined && { until: expiresAt * 1000 }) };
  const answer = await events.poll(tenant, name, body, wait);
  return { status: 200, body: answer, headers: { 'content-type': 'application/json' } };
}
