import { z } from 'zod';
import { streamLimits } from './limits.ts';

/** Why a receiver has not taken an event. Its message is for the administrator. */
export class PushError extends Error {
  override name = 'PushError';
  /** Whether trying again may help without anybody doing anything. */
  readonly mayPass: boolean;

  constructor(message: string, mayPass: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.mayPass = mayPass;
  }
}

/** Statuses that tell of the moment, not of the request. */
const passing = new Set([408, 425, 429]);
const refusal = z.object({ err: z.string(), description: z.string().optional() });

/**
 * Sends one token to its receiver (RFC 8935 §2). Follows no redirect, which would carry the Authorization value elsewhere.
 * @throws PushError unless the receiver has taken it.
 */
export async function pushToken(
  { url, authorization }: { url: string; authorization: string | undefined },
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(streamLimits.pushTimeoutMs)]);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/secevent+jwt',
        accept: 'application/json',
        ...(authorization !== undefined && { authorization }),
      },
      body: token,
      redirect: 'manual',
      signal: inTime,
    });
    const text = response.status === 400 ? await beginningOf(response) : '';
    await response.body?.cancel();
    if (!response.ok) throw errorOf(response.status, text);
  } catch (error) {
    if (error instanceof PushError || signal.aborted) throw error;
    if (inTime.aborted)
      throw new PushError(`The receiver did not answer within ${streamLimits.pushTimeoutMs / 1000} seconds.`, true, error);
    throw new PushError(`The receiver cannot be reached (${reasonOf(error)}).`, true, error);
  }
}

function errorOf(status: number, text: string): PushError {
  if (status >= 300 && status < 400) return new PushError('The receiver answers with a redirect, which is not followed.', false);
  const refused = refusal.safeParse(parsed(text)).data;
  if (refused) {
    const why = refused.description === undefined ? '' : `: ${shown(refused.description)}`;
    return new PushError(`The receiver refused the event (${shown(refused.err)})${why}`, false);
  }
  return new PushError(`The receiver answered with status ${status}.`, status >= 500 || passing.has(status));
}

/** Reads as much of an answer as a refusal may have. */
async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > streamLimits.answerBytesMax) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text from outside, as it may be logged and shown. */
export function shown(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 300);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
}
