import { randomUUID } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  SdkError,
  SdkErrorCode,
  type ClientCapabilities,
  type ElicitRequestFormParams,
  type ElicitRequestURLParams,
  type InputRequest,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Actor } from '../directory/index.ts';
import { formSchema } from './form.ts';
import { digestOf, stateOf, type CallState, type RequestStates, type UnusableState } from './request-state.ts';
import { Refusal, type RefusalContent } from './result.ts';
import type { Person, Visit } from './tools/tool.ts';
import type { WaitingQuestions } from './waiting-questions.ts';

const answerMs = 10 * 60_000;
/** How long a call of the 2026 era is held for a page that the person still has open; clients give up on a minute. */
const holdMs = 45_000;
const progressMs = 1000;
const triesMax = 3;

/** What all conversations of a door share. */
export interface ConversationServices {
  states: RequestStates;
  waiting: WaitingQuestions;
  /** How long a call waits for an answer, in milliseconds. */
  answerMs?: number | undefined;
  /** How long a call of the 2026 era is held for a page that the person still has open, in milliseconds. */
  holdMs?: number | undefined;
}

type Tell = ((done: number, total: number, message?: string) => void) | undefined;

/** Thrown where the client must ask its user, and call again with the answer (2026 era). */
export class UserNeeded extends Error {
  readonly key: string;
  readonly request: InputRequest;
  readonly more: Partial<Pick<CallState, 'tries' | 'escalation'>>;

  constructor(key: string, request: InputRequest, more: UserNeeded['more'] = {}) {
    super('the user of the client is asked');
    this.key = key;
    this.request = request;
    this.more = more;
  }
}

/** What the user of a client did with a question. */
interface Response {
  action: 'accept' | 'decline' | 'cancel';
  content?: Record<string, unknown> | undefined;
}

/**
 * One call's side of asking the user of its client. In the 2025 era the client is asked while the call waits; in the 2026 era
 * the call is answered with the question and comes back with the answer, and what was answered in earlier rounds is known from
 * the state that comes with it. For a tool both are the same.
 */
export class Conversation implements Person {
  readonly id: string;
  readonly isModern: boolean;
  readonly canAsk: boolean;
  readonly canVisit: boolean;
  /** Why the call cannot go on with what came back. */
  readonly problem: RefusalContent | undefined;
  /** The change of an earlier round that waits for people. */
  readonly escalation: string | undefined;
  readonly #services: ConversationServices;
  readonly #context: ServerContext;
  readonly #actor: Actor;
  readonly #tool: string;
  readonly #args: string;
  readonly #tell: Tell;
  readonly #started = Date.now();
  readonly #answers: CallState['answers'];
  #state: CallState | undefined;

  constructor(
    services: ConversationServices,
    call: { server: McpServer; context: ServerContext; actor: Actor; tool: string; args: unknown; tell: Tell },
  ) {
    const { server, context, actor, tool, args, tell } = call;
    const { mcpReq } = context;
    this.#services = services;
    this.#context = context;
    this.#actor = actor;
    this.#tool = tool;
    this.#args = digestOf(args);
    this.#tell = tell;
    this.isModern = mcpReq.envelope !== undefined;
    const { elicitation } = (this.isModern ? declared(mcpReq.envelope) : server.server.getClientCapabilities()) ?? {};
    // A client that names no kind of question means forms.
    this.canAsk = elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
    this.canVisit = elicitation?.url !== undefined;
    const state = this.isModern ? stateOf(context) : undefined;
    const unusable = state && this.#whyNot(state);
    this.problem = unusable && problemOf(unusable);
    this.#state = state === undefined || 'unusable' in state || unusable ? undefined : state;
    this.id = this.#state?.id ?? randomUUID();
    this.#answers = { ...this.#state?.answers };
    this.escalation = this.#state?.escalation;
  }

  #whyNot(state: CallState | UnusableState): UnusableState['unusable'] | undefined {
    if ('unusable' in state) return state.unusable;
    return state.tool === this.#tool && state.arguments === this.#args ? undefined : 'foreign';
  }

  /** What the user answered to a question of the round before (2026 era); once. */
  takeResponse(key: string): Response | undefined {
    if (this.#state?.asked !== key) return undefined;
    const response = inputResponse(this.#context.mcpReq.inputResponses, key);
    this.#state = { ...this.#state, asked: '' };
    return response.kind === 'elicit' ? response : undefined;
  }

  async ask<Fields extends z.ZodObject>(question: { key: string; message: string; fields: Fields }): Promise<z.infer<Fields>> {
    const { key, message, fields } = question;
    const known = fields.safeParse(this.#answers[key]);
    if (known.success) return known.data;
    const requestedSchema = formSchema(fields);
    let tries = this.#state?.asked === key ? this.#state.tries : 0;
    let shown = message;
    for (;;) {
      const response = this.isModern
        ? this.takeResponse(key)
        : await this.#wait({ mode: 'form', message: shown, requestedSchema });
      if (response === undefined) throw new UserNeeded(key, inputRequired.elicit({ message: shown, requestedSchema }), { tries });
      accepted(response);
      const parsed = fields.safeParse(filledIn(response.content));
      if (parsed.success) {
        this.#answers[key] = parsed.data;
        return parsed.data;
      }
      const problems = parsed.error.issues.map(({ path, message }) => `${labelOf(fields, path)}: ${message}`).join(' ');
      if (++tries >= triesMax)
        throw new Refusal({
          error: `Nothing was done. The person was asked ${triesMax} times, and the answer did not fit. ${problems}`,
          error_code: 'INVALID_ANSWER',
          issues: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
        });
      shown = `${problems}\n${message}`;
    }
  }

  async visit<Outcome>(visit: Visit<Outcome>): Promise<Outcome> {
    return this.isModern ? this.#visitAndReturn(visit) : this.#visitAndWait(visit);
  }

  async #visitAndReturn<Outcome>({ key, message, url, outcome }: Visit<Outcome>): Promise<Outcome> {
    const response = this.takeResponse(key);
    if (!response) throw new UserNeeded(key, inputRequired.elicitUrl({ message, url }));
    accepted(response);
    const late = AbortSignal.timeout(this.#services.holdMs ?? holdMs);
    const stopTelling = this.#tellWaiting(this.#services.holdMs ?? holdMs);
    try {
      return await outcome(AbortSignal.any([this.#context.mcpReq.signal, late]));
    } catch (error) {
      if (error !== late.reason) throw error;
      const again = `This is not finished yet. Finish it on the page that was opened, and come back.\n${message}`;
      throw new UserNeeded(key, inputRequired.elicitUrl({ message: again, url }));
    } finally {
      stopTelling();
    }
  }

  async #visitAndWait<Outcome>({ message, url, outcome }: Visit<Outcome>): Promise<Outcome> {
    const elicitationId = randomUUID();
    const ended = new AbortController();
    const { signal } = this.#context.mcpReq;
    const done = outcome(AbortSignal.any([signal, ended.signal, ...this.#gone()]));
    const stopTelling = this.#tellWaiting(this.#services.answerMs ?? answerMs);
    const asked = this.#wait({ mode: 'url', message, url, elicitationId }, ended.signal).then((response) => {
      accepted(response);
      return done;
    });
    try {
      // Somebody may be done before their client has said that they went there.
      return await Promise.race([done, asked]);
    } catch (error) {
      throw this.#gone()[0]?.aborted ? new Refusal(gone) : error;
    } finally {
      stopTelling();
      ended.abort();
      asked.catch(() => {});
      done.catch(() => {});
      const told = { method: 'notifications/elicitation/complete' as const, params: { elicitationId } };
      this.#context.mcpReq.notify(told).catch(() => {});
    }
  }

  /** Asks while the call waits (2025 era). @throws Refusal; the signal's reason if the client cancels the call. */
  async #wait(params: ElicitRequestFormParams | ElicitRequestURLParams, ended?: AbortSignal): Promise<Response> {
    const { mcpReq } = this.#context;
    const timeout = this.#services.answerMs ?? answerMs;
    const release = this.#services.waiting.take(`${this.#actor.tenant} ${this.#actor.id}`);
    const stopTelling = this.#tellWaiting(timeout);
    try {
      return await this.elicit(params, {
        signal: AbortSignal.any([mcpReq.signal, ...this.#gone(), ...(ended ? [ended] : [])]),
        timeout,
      });
    } catch (error) {
      mcpReq.signal.throwIfAborted();
      if (this.#gone()[0]?.aborted) throw new Refusal(gone);
      if (SdkError.isInstance(error) && error.code === SdkErrorCode.RequestTimeout) throw new Refusal(noAnswer);
      throw new Refusal(cannotAsk);
    } finally {
      stopTelling();
      release();
    }
  }

  /** Sends a question to the client, and resolves with what it answers (2025 era). */
  elicit(
    params: ElicitRequestFormParams | ElicitRequestURLParams,
    options: { signal: AbortSignal; timeout: number },
  ): Promise<Response> {
    return this.#context.mcpReq.send({ method: 'elicitation/create', params }, options);
  }

  /** Aborted when the connection on which the answer would go is lost (2025 era); the door has put it there. */
  #gone(): AbortSignal[] {
    const gone = this.#context.http?.authInfo?.extra?.['gone'];
    return gone instanceof AbortSignal ? [gone] : [];
  }

  #tellWaiting(forMs: number): () => void {
    const began = Date.now() - this.#started;
    const tell = () =>
      this.#tell?.((Date.now() - this.#started) / 1000, (began + forMs) / 1000, 'Waiting for the person to answer.');
    const timer = setInterval(tell, progressMs);
    return () => clearInterval(timer);
  }

  /** What the client is answered: it asks its user, and calls again (2026 era). */
  async toResult({ key, request, more }: UserNeeded): Promise<InputRequiredResult> {
    return inputRequired({
      inputRequests: { [key]: request },
      requestState: await this.#services.states.mint({
        id: this.id,
        tool: this.#tool,
        tenant: this.#actor.tenant,
        actor: this.#actor.id,
        arguments: this.#args,
        asked: key,
        tries: more.tries ?? 0,
        answers: this.#answers,
        escalation: more.escalation ?? this.escalation,
      }),
    });
  }
}

/** @throws Refusal DECLINED, CANCELLED. */
function accepted({ action }: Response): void {
  if (action === 'decline') throw new Refusal(declined);
  if (action === 'cancel') throw new Refusal(cancelled);
}

const declined: RefusalContent = {
  error: 'Nothing was done: the person was asked and declined. Do not ask again unless they want it.',
  error_code: 'DECLINED',
};
const cancelled: RefusalContent = {
  error: 'Nothing was done: the person closed the question without an answer. Ask them what they want before you try again.',
  error_code: 'CANCELLED',
};
const noAnswer: RefusalContent = {
  error: 'Nothing was done: the person did not answer in time. Call again when they are there.',
  error_code: 'NO_ANSWER',
};
const gone: RefusalContent = {
  error: 'Nothing was done: the connection was lost while the person was asked.',
  error_code: 'CANCELLED',
};
const cannotAsk: RefusalContent = {
  error: 'Nothing was done: your client could not ask the person. Ask them yourself, and try again.',
  error_code: 'CANNOT_ASK',
};

/** Forms send what was left empty as empty text. */
function filledIn(content: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== ''));
}

function problemOf(why: UnusableState['unusable']): RefusalContent {
  const reasons = {
    unreadable: 'the requestState is not one that Tandem gave, or was changed on its way',
    expired: 'it took longer than a day to answer',
    foreign: 'the requestState belongs to another call: another tool, other arguments, or another access',
  };
  return {
    error: `Nothing was done: ${reasons[why]}. Make the call anew, without requestState.`,
    error_code: 'INVALID_STATE',
  };
}

function labelOf(fields: z.ZodObject, path: PropertyKey[]): string {
  const [name = ''] = path;
  return formSchema(fields).properties[String(name)]?.title ?? String(name);
}

/** What a client of the 2026 era says with each request that it can. The SDK has checked its form. */
function declared(envelope: object | undefined): ClientCapabilities | undefined {
  return (envelope as Record<string, unknown> | undefined)?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
}
