import type { ListedEscalation, ShownEscalation } from '../../api/index.ts';
import type { Author, EscalationState, Operation } from '../../directory/pure.ts';
import { authorName, labelOf, listOf } from '../words.ts';

export const stateLabels: Record<EscalationState, string> = {
  pending: 'Waiting',
  approved: 'Approved',
  declined: 'Declined',
  expired: 'Not answered in time',
  withdrawn: 'Withdrawn',
  superseded: 'Not needed any more',
};

/** What an agent wants, as far as a sentence tells it. */
export interface Wish {
  operation: Operation;
  /** How many people and groups. */
  count: number;
  fields: readonly string[];
}

/** @returns the wish of a whole escalation, or of one in a list. */
export function wishOf(escalation: ShownEscalation | ListedEscalation): Wish {
  if (!('proposed' in escalation)) return escalation;
  const [first] = escalation.proposed;
  const fields = first?.changes.map(({ path }) => path) ?? [];
  return { operation: first?.operation ?? 'patch', count: Math.max(1, escalation.proposed.length), fields };
}

/** "wants to delete Ada Lovelace" */
export function wantsTo(escalation: ShownEscalation | ListedEscalation): string {
  const { kind, to, asks } = escalation;
  const isBetween = kind === 'negotiation' && to !== 'people';
  const wish = isBetween ? (asks ? 'is asked again to' : 'asks another agent whether to') : 'wants to';
  return `${wish} ${deedOf(escalation.subject.name, wishOf(escalation))}`;
}

function deedOf(name: string, { operation, count, fields }: Wish): string {
  if (count > 1) return `change ${count.toLocaleString('en')} people and groups, among them ${name}`;
  switch (operation) {
    case 'create':
      return `add ${name}`;
    case 'recreate':
      return `bring ${name} back`;
    case 'delete':
      return `delete ${name}`;
    case 'patch':
    case 'replace': {
      if (fields.length === 0) return `change ${name}`;
      const labels = fields.map((path) => (path.startsWith('members') ? 'members' : lowerFirst(labelOf(path))));
      return `change ${listOf(labels)} of ${name}`;
    }
  }
}

/** In the middle of a sentence; what is written in capitals stays so. */
function lowerFirst(label: string): string {
  return /^[A-Z][a-z ]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

/** How it ended: who did what, and what came of it. */
export function endOf({ state, decidedBy, outcome }: Pick<ShownEscalation, 'state' | 'decidedBy' | 'outcome'>): {
  deed: string;
  effect: string;
} {
  const who = decidedBy ? whoOf(decidedBy) : 'Somebody';
  const nothing = 'Nothing was changed.';
  switch (state) {
    case 'pending':
      return { deed: 'It waits for an answer', effect: '' };
    case 'approved':
      return { deed: outcome?.edited ? `${who} changed it, then approved it` : `${who} approved it`, effect: 'It is done.' };
    case 'declined':
      return { deed: `${who} declined it`, effect: nothing };
    case 'expired':
      return { deed: 'Nobody answered in time', effect: nothing };
    case 'withdrawn':
      return { deed: 'The agent took it back', effect: nothing };
    case 'superseded':
      return { deed: decidedBy ? `${who} proposed something else instead` : 'What it was about is gone', effect: nothing };
  }
}

/** "Approved by you" */
export function shortEnd({ state, decidedBy }: Pick<ShownEscalation, 'state' | 'decidedBy'>): string {
  const label = stateLabels[state];
  if (!decidedBy || (state !== 'approved' && state !== 'declined')) return label;
  const who = whoOf(decidedBy);
  return `${label} by ${who === 'You' ? 'you' : who}`;
}

function whoOf(by: Author): string {
  if (by.door === 'cli') return `${by.name}, from the command line,`;
  // The user of an AI client, who was asked there.
  return by.door === 'mcp' && by.kind === 'person' ? `The user of ${by.name}` : authorName(by);
}

const minuteMs = 60_000;

/** How long it is until then: "23 hours". */
export function untilText(deadline: string, now = Date.now()): string {
  const minutes = Math.max(0, Math.ceil((Date.parse(deadline) - now) / minuteMs));
  if (minutes <= 1) return 'a minute';
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
