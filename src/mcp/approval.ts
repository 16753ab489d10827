import { randomBytes } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type ClientCapabilities,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
  type ServerOptions,
} from '@modelcontextprotocol/server';
import { DirectoryError, type Actor, type Directory, type Escalation } from '../directory/index.ts';
import type { Call } from './tools/tool.ts';

/** What a client is asked under in the 2026 era, where one request may ask several things. */
const questionKey = 'approval';
const progressMs = 1000;

/** Ties what comes back from a client of the 2026 era to what it was asked. A process that ends takes the ties with it. */
const states = createRequestStateCodec<{ escalation: string }>({
  key: randomBytes(32),
  ttlSeconds: 24 * 60 * 60,
  bind: ({ mcpReq, http }) => `${mcpReq.method} ${http?.authInfo?.token ?? ''}`,
});

/** Checks a state that comes back from a client. @param other checks those that are not of an approval. */
export function verifyState(other: NonNullable<ServerOptions['requestState']>['verify']) {
  return async (state: string, context: ServerContext): Promise<unknown> => {
    try {
      return await states.verify(state, context);
    } catch (error) {
      if (other) return other(state, context);
      throw error;
    }
  };
}

/** Thrown where the client must ask its user before the call can go on (2026 era). */
export class UserNeeded extends Error {
  readonly escalation: Escalation;

  constructor(escalation: Escalation) {
    super('the user of the client is asked');
    this.escalation = escalation;
  }

  /** What the client is answered: it asks its user, and calls again. */
  async toResult(context: ServerContext): Promise<InputRequiredResult> {
    return inputRequired({
      inputRequests: { [questionKey]: inputRequired.elicit(questionOf(this.escalation)) },
      requestState: await states.mint({ escalation: this.escalation.id }, context),
    });
  }
}

/**
 * How a call waits for people: the user of its client is asked, where the client can, beside the people at Tandem's window, and
 * the first answer counts. In the 2025 era the client is asked while the call waits; in the 2026 era the call is answered with
 * the question, and comes back.
 */
export function approvalOf(directory: Directory, server: McpServer, actor: Actor, context: ServerContext, call: Call) {
  const { escalations, policy } = directory;
  const { mcpReq } = context;
  const isModern = mcpReq.envelope !== undefined;
  const { elicitation } = (isModern ? declared(mcpReq.envelope) : server.server.getClientCapabilities()) ?? {};
  // A client that names no kind of question means forms.
  const canAsk = elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
  const resume = isModern ? mcpReq.requestState<{ escalation?: string }>()?.escalation : undefined;
  const user: Actor = { ...actor, kind: 'person', name: `User of ${actor.name}` };

  const answered = async (id: string, action: 'accept' | 'decline', content: unknown): Promise<Escalation> => {
    const reason = reasonOf(content);
    try {
      const { escalation } = await escalations.decide(user, id, { approve: action === 'accept', reason });
      return escalation;
    } catch (error) {
      if (error instanceof DirectoryError && error.code === 'ALREADY_DECIDED') return escalations.get(actor, id);
      throw error;
    }
  };

  /** Asks while the call waits (2025 era). Never resolves where the user does not answer. */
  const ask = async (escalation: Escalation, signal: AbortSignal, timeout: number): Promise<Escalation> => {
    for (let shown = escalation; ;) {
      const params = { mode: 'form' as const, ...questionOf(shown) };
      const { action, content } = await mcpReq.send({ method: 'elicitation/create', params }, { signal, timeout }).catch(() => {
        // A client that cannot, or is gone, leaves it to the people at the window.
        return { action: 'cancel' as const, content: undefined };
      });
      if (action === 'cancel') return new Promise(() => {});
      shown = await answered(shown.id, action, content);
      // Otherwise it would do something else by now: the user sees that, and answers again.
      if (shown.state !== 'pending') return shown;
    }
  };

  const settle = async (escalation: Escalation): Promise<Escalation> => {
    if (escalation.state !== 'pending') return escalation;
    const { askClient, waitSeconds } = policy.of(actor.tenant);
    const asksClient = canAsk && askClient && escalation.to === 'people';
    const timeoutMs = waitSeconds * 1000;
    if (isModern && asksClient) {
      const response = inputResponse(resume === escalation.id ? mcpReq.inputResponses : undefined, questionKey);
      if (response.kind !== 'elicit') throw new UserNeeded(escalation);
      if (response.action !== 'cancel') {
        const now = await answered(escalation.id, response.action, response.content);
        if (now.state === 'pending') throw new UserNeeded(now);
        return now;
      }
    }
    const ended = new AbortController();
    const signal = AbortSignal.any([call.signal, ended.signal]);
    const stopTelling = tellProgress(call, waitSeconds);
    try {
      const wait = escalations.wait(actor, escalation.id, { timeoutMs, signal });
      if (isModern || !asksClient) return await wait;
      return await Promise.race([wait, ask(escalation, signal, timeoutMs + progressMs)]);
    } catch (error) {
      // A client that cancels may say that it does not want it any more; otherwise the question stays.
      if (call.signal.aborted && /^withdraw/i.test(String(call.signal.reason)))
        await escalations.withdraw(actor, escalation.id).catch(() => {});
      throw error;
    } finally {
      stopTelling();
      ended.abort();
    }
  };

  return { intent: call.reason, resume, settle };
}

/** What a client of the 2026 era says with each request that it can. The SDK has checked its form. */
function declared(envelope: object | undefined): ClientCapabilities | undefined {
  return (envelope as Record<string, unknown> | undefined)?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
}

function tellProgress({ onProgress }: Call, waitSeconds: number): () => void {
  const started = Date.now();
  const tell = () =>
    onProgress?.(Math.min((Date.now() - started) / 1000, waitSeconds), waitSeconds, 'Waiting for somebody to approve it.');
  const timer = setInterval(tell, progressMs);
  return () => clearInterval(timer);
}

/** What a person is asked: who wants what and why, in words that need nothing else. */
function questionOf({ from, subject, proposed, intent, rule }: Escalation) {
  const shown = proposed.slice(0, 5).flatMap(({ name, operation, changes, changeCount }) => {
    if (operation === 'delete') return [`Delete ${name}`];
    const lines = changes.slice(0, 10).map(({ path, before, after }) => `${name}: ${path}: ${text(before)} → ${text(after)}`);
    return changeCount > lines.length ? [...lines, `${name}: and ${changeCount - lines.length} more changes`] : lines;
  });
  const more = proposed.length > 5 ? [`and changes of ${proposed.length - 5} more`] : [];
  const message = [
    `${from.name} wants to change ${subject.name}${proposed.length > 1 ? ` and ${proposed.length - 1} more` : ''}.`,
    ...(intent === undefined ? [] : [`It says: ${intent}`]),
    ...(rule ? [rule.says] : []),
    ...shown,
    ...more,
    'Accept to let it be done, decline to refuse it.',
  ].join('\n');
  const requestedSchema = {
    type: 'object' as const,
    properties: {
      reason: {
        type: 'string' as const,
        title: 'Reason',
        description: 'What the agent should know. May be left out.',
        maxLength: 500,
      },
    },
  };
  return { message, requestedSchema };
}

function text(value: unknown): string {
  if (value === undefined) return 'nothing';
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200);
}

function reasonOf(content: unknown): string | undefined {
  const reason = (content as { reason?: unknown } | null | undefined)?.reason;
  return typeof reason === 'string' ? reason : undefined;
}
