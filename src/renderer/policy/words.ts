import type { Json } from '../../directory/pure.ts';
import { labelOf } from '../words.ts';
import type { Difference, QuietHours, RuleName } from './rules.ts';

export const ruleLabels: Record<Difference['name'], string> = {
  readOnly: 'Changes at all',
  delete: 'Deletions',
  deactivate: 'Deactivations',
  attributes: 'Changes to these fields need approval',
  groups: 'Changes to who is in these groups need approval',
  perCall: 'Changed in one call, at most',
  perHour: 'Changed within an hour, at most',
  onCleanMerge: 'Others changed other fields meanwhile',
  onOverlap: 'Others changed the same fields meanwhile',
  expectedVersion: 'Saying which version a change is made for',
  staleBody: 'A record that would undo what others changed',
  retryBudget: 'Trying again after a conflict',
  quietHours: 'Quiet hours',
  askClient: 'Ask the user of the AI client too, where the client can ask',
  waitSeconds: 'A call waits for the answer',
  deadlineMinutes: 'A question waits for an answer',
};

/** What can be chosen for a rule, and what each means. */
export const choices = {
  readOnly: [
    { value: false, label: 'Allowed' },
    { value: true, label: 'Refused: read only' },
  ],
  delete: [
    { value: false, label: 'At once' },
    { value: true, label: 'Need approval' },
  ],
  deactivate: [
    { value: false, label: 'At once' },
    { value: true, label: 'Need approval' },
  ],
  onCleanMerge: [
    { value: 'confirm', label: 'The agent is told, and confirms' },
    { value: 'apply', label: 'Both are applied at once' },
    { value: 'ask', label: 'A person is asked' },
  ],
  onOverlap: [
    { value: 'reject', label: 'The agent is told, and decides' },
    { value: 'ask', label: 'A person is asked' },
  ],
  expectedVersion: [
    { value: 'optional', label: 'Not required' },
    { value: 'mandatory', label: 'Required: refused without' },
  ],
  staleBody: [
    { value: 'refuse', label: 'Refused' },
    { value: 'merge', label: 'Merged with what others changed' },
    { value: 'warn', label: 'Written, with a warning' },
  ],
} as const satisfies Partial<Record<RuleName, readonly { value: boolean | string; label: string }[]>>;

export const weekdays: { value: QuietHours['days'][number]; label: string }[] = [
  { value: 'mon', label: 'Mon' },
  { value: 'tue', label: 'Tue' },
  { value: 'wed', label: 'Wed' },
  { value: 'thu', label: 'Thu' },
  { value: 'fri', label: 'Fri' },
  { value: 'sat', label: 'Sat' },
  { value: 'sun', label: 'Sun' },
];

/** What a rule says, in a few words. */
export function ruleText(name: Difference['name'], value: Json | null | undefined): string {
  if (value === undefined) return 'As for all agents';
  if (value === null) return name === 'quietHours' ? 'None' : 'Any number';
  switch (name) {
    case 'attributes':
    case 'groups': {
      const list = (value as string[]).map((each) => (name === 'attributes' ? labelOf(each) : each));
      return list.length === 0 ? 'None' : list.join(', ');
    }
    case 'retryBudget': {
      const { retries, perMinutes } = value as { retries: number; perMinutes: number };
      return `${count(retries)} times in ${minutes(perMinutes)}`;
    }
    case 'quietHours': {
      const { from, to, timeZone, days, writes } = value as unknown as QuietHours;
      const when =
        days.length === 7 ? 'every day' : weekdays.flatMap((day) => (days.includes(day.value) ? [day.label] : [])).join(', ');
      return `${from} to ${to} (${timeZone}), ${when}: ${writes === 'refuse' ? 'refused' : 'need approval'}`;
    }
    case 'askClient':
      return value === true ? 'Yes' : 'No';
    case 'waitSeconds':
      return `${count(value)} seconds`;
    case 'deadlineMinutes':
      return minutes(value);
    case 'perCall':
    case 'perHour':
      return count(value);
    case 'readOnly':
    case 'delete':
    case 'deactivate':
    case 'onCleanMerge':
    case 'onOverlap':
    case 'expectedVersion':
    case 'staleBody':
      return choiceText(name, value);
  }
}

function choiceText(name: keyof typeof choices, value: Json): string {
  return choices[name].find((choice) => choice.value === value)?.label ?? JSON.stringify(value);
}

function minutes(value: Json): string {
  return value === 1 ? '1 minute' : `${count(value)} minutes`;
}

function count(value: Json): string {
  return typeof value === 'number' ? value.toLocaleString('en') : JSON.stringify(value);
}
