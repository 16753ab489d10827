import { APICallError } from '@ai-sdk/provider';
import { RedirectRefused } from '../address.ts';
import { RunError } from '../run.ts';

/** Silence of a model that has lasted too long. */
export class TooSilent extends Error {
  /** Nothing of the answer had come yet. */
  readonly beforeAnswer: boolean;
  constructor(seconds: number, beforeAnswer: boolean) {
    super(`it said nothing for ${seconds} seconds`);
    this.beforeAnswer = beforeAnswer;
  }
}

/** The answer ended before it was whole. */
export class CutOff extends Error {}

const retried = new Set([408, 409, 425, 429, 500, 502, 503, 504, 529]);

/** Whether the same request may succeed a little later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof RedirectRefused) return false;
  if (APICallError.isInstance(error)) {
    if (error.cause instanceof RedirectRefused) return false;
    // An answer that was fine until it could not be read.
    return error.statusCode === undefined || error.statusCode === 200 || retried.has(error.statusCode);
  }
  if (error instanceof TooSilent) return error.beforeAnswer;
  // What fetch throws where nothing answers, and what a parser throws on a broken answer.
  return error instanceof TypeError || error instanceof CutOff || isConnection(error) || isMalformed(error);
}

function isConnection(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(ECONN|EPIPE|ETIMEDOUT|UND_ERR|ENOTFOUND|EAI_AGAIN)/.test(code);
}

function isMalformed(error: unknown): boolean {
  return error instanceof Error && /JSONParse|TypeValidation|InvalidResponseData|EmptyResponse/.test(error.name);
}

/**
 * When the other side wants to be asked again: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), or `retry-after-ms`.
 * @returns milliseconds from now.
 */
export function retryAfterOf(error: unknown, now = Date.now()): number | undefined {
  const headers = APICallError.isInstance(error) ? error.responseHeaders : undefined;
  const ms = Number(headers?.['retry-after-ms'] ?? Number.NaN);
  if (ms >= 0) return ms;
  const after = headers?.['retry-after'];
  if (after === undefined) return undefined;
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  const at = Date.parse(after);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** What went wrong with a model, for a person: never what was sent, nor the key. */
export function toRunError(error: unknown, label: string, key: string | undefined): RunError {
  if (error instanceof RunError) return error;
  const options = { transient: isTransient(error), retryAfterMs: retryAfterOf(error) };
  const make = (code: string, says: string) => new RunError(code, withoutKey(says, key), options);
  if (error instanceof RedirectRefused) return make('MODEL_REFUSED', `${label}: ${error.message}`);
  if (error instanceof TooSilent) return make('TIMEOUT', `${label} does not answer: ${error.message}.`);
  if (error instanceof CutOff)
    return make('MODEL_BROKE_OFF', `The answer of ${label} broke off. Nothing of it was done that is not shown; try again.`);
  if (APICallError.isInstance(error)) {
    const { statusCode, cause } = error;
    if (cause instanceof RedirectRefused) return make('MODEL_REFUSED', `${label}: ${cause.message}`);
    if (statusCode === undefined) return make('MODEL_UNAVAILABLE', `Nothing answers at the address of ${label}. Is it running?`);
    if (statusCode === 200) return make('MODEL_BROKE_OFF', `The answer of ${label} cannot be read.`);
    if (statusCode === 401 || statusCode === 403)
      return make('MODEL_REFUSED', `${label} refuses the key. Check it in the settings.`);
    if (statusCode === 404)
      return make('MODEL_REFUSED', `${label} does not have this model, or its address is another. Test it in the settings.`);
    if (statusCode === 413 || /context.{0,20}(length|window)|too (long|large)|maximum context/i.test(said(error)))
      return make(
        'TOO_LONG',
        `The conversation is longer than ${label} takes. Lower its context size in the settings, or begin a new conversation.`,
      );
    if (statusCode === 429) return make('MODEL_BUSY', `${label} takes no more requests just now.`);
    if (statusCode >= 500) return make('MODEL_UNAVAILABLE', `${label} has a fault (HTTP ${statusCode}).`);
    return make('MODEL_REFUSED', `${label} refuses the request (HTTP ${statusCode}): ${said(error)}`);
  }
  if (isMalformed(error)) return make('MODEL_BROKE_OFF', `${label} answers in a form that cannot be read.`);
  if (options.transient) return make('MODEL_UNAVAILABLE', `The connection to ${label} was lost.`);
  return make('MODEL_FAILED', `${label} could not be used: ${error instanceof Error ? error.message : String(error)}`);
}

function said({ message }: APICallError): string {
  return message.slice(0, 300);
}

/** Some endpoints repeat the key in what they refuse. */
export function withoutKey(text: string, key: string | undefined): string {
  return key === undefined || key.length < 4 ? text : text.replaceAll(key, '[key]');
}
