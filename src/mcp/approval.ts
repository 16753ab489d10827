import { inputRequired } from '@modelcontextprotocol/server';
import { DirectoryError, type Actor, type Directory, type Escalation } from '../directory/index.ts';
import { UserNeeded, type Conversation } from './conversation.ts';
import type { Call } from './tools/tool.ts';

/** What a client is asked under in the 2026 era, where one request may ask several things. */
const questionKey = 'approval';
const progressMs = 1000;

/**
 * How a call waits for people: the user of its client is asked, where the client can, beside the people at Tandem's window, and
 * the first answer counts. In the 2025 era the client is asked while the call waits; in the 2026 era the call is answered with
 * the question, and comes back.
 */
export function approvalOf(directory: Directory, conversation: Conversation, actor: Actor, call: Call) {
  const { escalations, policy } = directory;
  const { isModern, canAsk, escalation: resume } = conversation;
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
      const { action, content } = await conversation.elicit(params, { signal, timeout }).catch(() => {
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
      const response = resume === escalation.id ? conversation.takeResponse(questionKey) : undefined;
      if (!response) throw needed(escalation);
      if (response.action !== 'cancel') {
        const now = await answered(escalation.id, response.action, response.content);
        if (now.state === 'pending') throw needed(now);
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

/** Has the client ask its user, and call again (2026 era). */
function needed(escalation: Escalation): UserNeeded {
  return new UserNeeded(questionKey, inputRequired.elicit(questionOf(escalation)), { escalation: escalation.id });
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
