import type { Question } from '../../../api/index.ts';
import { client, parting } from '../../connection.ts';
import type { Values } from './form-fields.ts';

interface Kept {
  tenant: string;
  id: string;
  questionId: string;
  draft: Values;
}

const keepAfterMs = 350;
const keptMax = 100;

/** By question: what this window has filled in last, also while the form is scrolled out of sight. */
const drafts = new Map<string, Values>();
const unsent = new Map<string, Kept>();
let sending: ReturnType<typeof setTimeout> | undefined;

/** @returns what is filled in so far, here or before the window was loaded. */
export function formDraft({ id, draft }: Question): Values | undefined {
  return drafts.get(id) ?? draft;
}

/** Keeps what is filled in with the question, so that a reload or restart loses none of it. */
export function keepFormDraft(kept: Kept): void {
  drafts.delete(kept.questionId);
  drafts.set(kept.questionId, kept.draft);
  const [oldest] = drafts.keys();
  if (drafts.size > keptMax && oldest !== undefined) drafts.delete(oldest);
  unsent.set(kept.questionId, kept);
  clearTimeout(sending);
  sending = setTimeout(() => {
    // The window has it in any case; the next key stroke sends it again.
    for (const one of take()) client.assistant.keepDraft.mutate(one).catch(() => undefined);
  }, keepAfterMs);
}

/** An answer was given: what was half filled in is not kept any more. */
export function endFormDraft(questionId: string): void {
  unsent.delete(questionId);
}

addEventListener('pagehide', () => {
  for (const one of take()) parting.assistant.keepDraft.mutate(one).catch(() => undefined);
});

function take(): Kept[] {
  const all = [...unsent.values()];
  unsent.clear();
  return all;
}
