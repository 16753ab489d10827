import { z } from 'zod';
import type { Answer, Context, ContextNode, Question } from '../context.ts';
import type { AssistantLimits } from '../limits.ts';
import { AssistantError, type AssistantEvent } from '../service.ts';
import type { AssistantStore } from '../store/assistant-store.ts';

/** The longest that a timer can wait at once. */
const timerMax = 2 ** 31 - 1;

/** The questions that runs ask, as nodes of their contexts, and the runs that wait for the answers. */
export class Questions {
  readonly #store: AssistantStore;
  readonly #limits: AssistantLimits;
  readonly #now: () => number;
  readonly #emit: (event: AssistantEvent) => void;
  readonly #waiting = new Map<string, (answer: Answer) => void>();

  constructor(options: {
    store: AssistantStore;
    limits: AssistantLimits;
    now: () => number;
    emit: (event: AssistantEvent) => void;
  }) {
    this.#store = options.store;
    this.#limits = options.limits;
    this.#now = options.now;
    this.#emit = options.emit;
  }

  /** How many wait for an answer. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** @returns the answer that a question has, also one that it got while nobody waited; undefined while it is pending. */
  answerTo(contextId: string, id: string): Answer | undefined {
    const node = this.#store.nodes.get(contextId, id)?.node;
    const question = node && questionOf(node);
    return node && question && answerOf(question, node);
  }

  /**
   * Waits until a question that is kept already has its answer, at the latest until its deadline.
   * @throws the signal's reason.
   */
  wait(context: Context, question: Pick<Question, 'id' | 'deadline'>, signal: AbortSignal): Promise<Answer> {
    const key = keyOf(context.id, question.id);
    const answered = this.answerTo(context.id, question.id);
    if (answered) return Promise.resolve(answered);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout;
      const end = () => {
        this.#waiting.delete(key);
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      };
      const stop = () => {
        end();
        reject(signal.reason);
      };
      const watch = () => {
        const left = Date.parse(question.deadline) - this.#now();
        if (left > 0) timer = setTimeout(watch, Math.min(left, timerMax));
        else this.#settle(context, question.id, { state: 'expired', answer: { action: 'cancel' } }).catch(reject);
      };
      this.#waiting.set(key, (answer) => {
        end();
        resolve(answer);
      });
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      else watch();
    });
  }

  /** @throws AssistantError QUESTION_NOT_FOUND, ALREADY_ANSWERED, INVALID, which names the field. */
  answer(context: Context, id: string, answer: Answer): Promise<ContextNode> {
    const states = { accept: 'accepted', decline: 'declined', cancel: 'cancelled' } as const;
    return this.#settle(context, id, { state: states[answer.action], answer });
  }

  async #settle(context: Context, id: string, end: { state: Question['state']; answer: Answer }): Promise<ContextNode> {
    const { answer, state } = end;
    const { node, change } = await this.#store.write(() => {
      const { node: old, question } = this.#pending(context.id, id);
      if (answer.action === 'accept') check(question, answer);
      const { draft: _draft, ...asked } = question;
      const next: Question = { ...asked, state, ...(answer.content && { answer: answer.content }) };
      const metadata = { ...old.metadata, ...(answer.scope && { scope: answer.scope }) };
      const node: ContextNode = { ...old, content: JSON.stringify(next), metadata };
      const change = this.#store.nodes.nextChange();
      this.#store.nodes.put(node, change);
      return { node, change };
    });
    this.#emit({ kind: 'node', owner: context.owner, node, change });
    this.#waiting.get(keyOf(context.id, id))?.(answer);
    return node;
  }

  /** @throws AssistantError QUESTION_NOT_FOUND, ALREADY_ANSWERED, TOO_LARGE. */
  async keepDraft(contextId: string, id: string, draft: Record<string, unknown>): Promise<void> {
    if (JSON.stringify(draft).length > this.#limits.draftSizeMax)
      throw new AssistantError('TOO_LARGE', `A draft may have ${this.#limits.draftSizeMax} characters.`, 'draft');
    await this.#store.write(() => {
      const { question } = this.#pending(contextId, id);
      this.#store.nodes.setQuietly({ contextId, id, content: JSON.stringify({ ...question, draft }) });
    });
  }

  #pending(contextId: string, id: string): { node: ContextNode; question: Question } {
    const node = this.#store.nodes.get(contextId, id)?.node;
    const question = node && questionOf(node);
    if (!node || !question) throw new AssistantError('QUESTION_NOT_FOUND', 'There is no such question in this context.');
    if (question.state !== 'pending')
      throw new AssistantError('ALREADY_ANSWERED', `This question waits no longer: it is ${question.state}.`);
    return { node, question };
  }
}

/** The question that a node holds. */
export function questionOf(node: ContextNode): Question | undefined {
  return node.contentType === 'question' ? (JSON.parse(node.content) as Question) : undefined;
}

function answerOf({ state, answer }: Question, { metadata }: ContextNode): Answer | undefined {
  const { scope } = metadata as { scope?: Answer['scope'] };
  if (state === 'pending') return undefined;
  if (state === 'accepted') return { action: 'accept', ...(answer && { content: answer }), ...(scope && { scope }) };
  return { action: state === 'declined' ? 'decline' : 'cancel' };
}

/** @throws AssistantError INVALID. */
function check({ kind, schema, options }: Question, { content = {} }: Answer): void {
  if (kind === 'form' && schema) {
    const result = z.fromJSONSchema(schema).safeParse(content);
    const [issue] = result.error?.issues ?? [];
    if (issue)
      throw new AssistantError('INVALID', `${issue.path.join('.') || 'content'}: ${issue.message}`, issue.path.join('.'));
  }
  if (kind === 'choice' && options && !options.some(({ value }) => Object.values(content).includes(value)))
    throw new AssistantError('INVALID', `Choose one of ${options.map(({ value }) => value).join(', ')}.`, 'content');
}

function keyOf(contextId: string, id: string): string {
  return `${contextId}/${id}`;
}
