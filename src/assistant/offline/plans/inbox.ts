import type { Intent } from '../intent.ts';
import { called, say, Stop, type Work } from '../step.ts';
import { bullets, counted, quoted } from '../text.ts';

type Of<Kind extends Intent['kind']> = Extract<Intent, { kind: Kind }>;

interface Escalation {
  escalation_id: string;
  status: string;
  from: { name: string };
  subject: { name?: string; id: string };
  changes: { operation: string; changes: { path: string; after?: unknown }[] }[];
  deadline: string;
}

function* read(query: Record<string, unknown>): Work<Escalation[]> {
  const { content } = yield* called('scim_list_escalations', { status: 'pending', ...query });
  return content as unknown as Escalation[];
}

/** What the agent waits for. */
export function* waiting(): Work {
  const found = yield* read({});
  if (found.length === 0) return say('Nothing that I see waits for an answer. People see everything in the inbox.');
  return say(`${counted(found.length, 'change waits', 'changes wait')} for an answer:\n${bullets(found.map(lineOf))}`);
}

export function* proposals(): Work {
  const found = yield* read({ asked_of_me: true });
  return say(found.length === 0 ? 'No other agent asks me anything.' : `Other agents propose:\n${bullets(found.map(lineOf))}`);
}

function lineOf({ subject, changes: [first], from }: Escalation): string {
  const facts = (first?.changes ?? []).slice(0, 3).map(({ path, after }) => `${path} to ${quoted(after)}`);
  return `${subject.name ?? subject.id}: ${facts.length === 0 ? (first?.operation ?? 'a change') : facts.join(', ')} (asked by ${from.name})`;
}

/** The one that is meant. */
function only(found: readonly Escalation[], about: string | undefined): Escalation {
  const fitting = found.filter(({ subject }) => about === undefined || subject.name?.toLowerCase() === about.toLowerCase());
  const [one, ...more] = fitting;
  if (!one) throw new Stop(say('Nothing of that kind waits for an answer. Nothing was changed.'));
  if (more.length === 0) return one;
  throw new Stop(say(`Several wait. Say which, with “for” and the name:\n${bullets(fitting.map(lineOf))}`));
}

export function* answer({ answer: given, about }: Of<'answer'>): Work {
  const one = only(yield* read({ asked_of_me: true }), about);
  const { metadata } = yield* called('scim_answer_escalation', { escalation_id: one.escalation_id, answer: given });
  if (metadata['outdated'] !== undefined) return say('It would do something else by now, so nothing was done. Look at it again.');
  return say(`${given === 'accept' ? 'Accepted' : 'Declined'}: ${lineOf(one)}.`);
}

export function* withdraw({ about }: Of<'withdraw'>): Work {
  const one = only(yield* read({}), about);
  yield* called('scim_withdraw_escalation', { escalation_id: one.escalation_id });
  return say(`Taken back: ${lineOf(one)}. Nothing was changed.`);
}

/** What the directory has counted of conflicts. */
export function* conflicts(): Work {
  const { content } = yield* called('scim_conflict_report', {});
  const { conflicts: count, advice } = content as unknown as { conflicts: number; advice: string[] };
  return say(`${counted(count, 'conflict', 'conflicts')} in the last day. ${advice.join(' ')}`.trim());
}
