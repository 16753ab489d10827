import { resourceTypes, type AuditEntry, type AuditKind } from '../../directory/pure.ts';
import { byName, labelOf, listOf, typeWords } from '../words.ts';

export const kindLabels: Record<AuditKind, string> = {
  write: 'Changes',
  refusal: 'Refusals',
  conflict: 'Conflicts',
  decision: 'Decisions',
  sign_in: 'Sign-ins',
  access: 'Access',
  policy: 'Policy',
  tenant: 'Tenant',
  schema: 'Extensions',
  retention: 'Old versions removed',
};

type Words = Record<string, (entry: AuditEntry) => string>;

const refusals: Words = {
  POLICY_REFUSED: (entry) => `Was refused a change of ${about(entry)} by the policy`,
  RETRY_BUDGET_EXHAUSTED: () => 'Was told to wait before trying again',
};

const decisions: Words = {
  asked: (entry) => `Asked for an answer about ${about(entry)}`,
  approved: (entry) => `Approved what was asked about ${about(entry)}`,
  declined: (entry) => `Declined what was asked about ${about(entry)}`,
  withdrawn: (entry) => `Withdrew what was asked about ${about(entry)}`,
  expired: (entry) => `Got no answer in time about ${about(entry)}`,
  superseded: (entry) => `Needs no answer any more about ${about(entry)}`,
  merged: (entry) => `Merged a conflict on ${about(entry)}`,
  only_free_fields: (entry) => `Settled a conflict on ${about(entry)} with what nobody else had changed`,
  abandoned: (entry) => `Gave up a conflicting change of ${about(entry)}`,
};

const signIns: Words = {
  signed_in: () => 'Signed in to let a client connect',
  wrong_code: () => 'Gave a wrong sign-in code',
  too_many_codes: () => 'Gave too many wrong sign-in codes',
  unknown_person: () => 'Tried to sign in as somebody who is not here',
  password_checked: ({ detail }) => `Checked the password of ${textOf(detail['account'])}, which was right`,
  sign_in_told: ({ detail }) => `Learnt that ${textOf(detail['account'])} signed in`,
};

const accesses: Words = {
  key_made: (entry) => `Made the access key ${about(entry)}`,
  key_revoked: (entry) => `Revoked the access key ${about(entry)}`,
  temporary_key_made: (entry) => `Let ${about(entry)} in until Tandem is closed`,
  client_toolsets: (entry) => `Chose the tools of ${about(entry)}`,
  permission_checked: ({ detail }) =>
    `Asked whether ${textOf(detail['of'])} may ${textOf(detail['action'])}: ${detail['allowed'] === true ? 'yes' : 'no'}`,
  token_introspected: ({ detail }) =>
    detail['active'] === true ? `Looked at a token of ${textOf(detail['client'])}` : 'Looked at a token that opens nothing',
  client_allowed: (entry) => `Let ${about(entry)} connect`,
  client_denied: (entry) => `Did not let ${about(entry)} connect`,
};

const tenants: Words = {
  created: (entry) => `Added the tenant ${about(entry)}`,
  audit_begun: () => 'The log begins here',
  renamed: (entry) => `Renamed the tenant ${about(entry)}`,
  suspended: (entry) => `Suspended the tenant ${about(entry)}`,
  resumed: (entry) => `Resumed the tenant ${about(entry)}`,
  set_up: (entry) => `Changed the settings of ${about(entry)}`,
  deleted: (entry) => `Deleted the tenant ${about(entry)}`,
};

const words: Record<AuditKind, Words> = {
  write: {
    create: (entry) => `Added ${about(entry)}`,
    delete: (entry) => `Deleted ${about(entry)}`,
    recreate: (entry) => `Brought ${about(entry)} back`,
    replace: (entry) => `Changed ${fieldsOf(entry)}${about(entry)}`,
    patch: (entry) => `Changed ${fieldsOf(entry)}${about(entry)}`,
  },
  refusal: refusals,
  conflict: {
    VERSION_MISMATCH: (entry) => `Met a conflict on ${about(entry)}`,
    STALE_BODY: (entry) => `Would have undone others’ changes of ${about(entry)}`,
  },
  decision: decisions,
  sign_in: signIns,
  access: accesses,
  policy: { changed: () => 'Changed the policy' },
  tenant: tenants,
  schema: {
    added: (entry) => `Added the extension ${about(entry)}`,
    changed: (entry) => `Changed the extension ${about(entry)}`,
    removed: (entry) => `Removed the extension ${about(entry)}`,
  },
  retention: { pruned: ({ detail }) => `Removed ${countOf(detail['revisions'])} old versions, as the settings say` },
};

/** What happened, after the name of who did it: "Changed job title of Ada Lovelace". */
export function deedOf(entry: AuditEntry): string {
  const { kind, event, detail } = entry;
  const known = words[kind][event]?.(entry) ?? messageOf(entry);
  return detail['times'] === undefined ? known : `${known}, ${countOf(detail['times'])} times more in a minute`;
}

/** Whether it tells of something that did not go well. */
export function isTrouble({ kind, event }: AuditEntry): boolean {
  return (
    kind === 'refusal' ||
    kind === 'conflict' ||
    (kind === 'sign_in' && !['signed_in', 'password_checked', 'sign_in_told'].includes(event))
  );
}

const thisYear = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const otherYear = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/** When, in a column: to the second, since entries are compared with what other systems say. */
export function timeOf({ at }: AuditEntry): string {
  const date = new Date(at);
  return (date.getFullYear() === new Date().getFullYear() ? thisYear : otherYear).format(date);
}

/** Who did it, as a sentence has it. */
export function whoOf({ actor }: AuditEntry): string {
  const name = byName(actor);
  return name === 'you' ? 'You' : name;
}

function about({ subject }: AuditEntry): string {
  if (!subject) return 'something';
  if (subject.name !== undefined && subject.name !== '') return subject.name;
  const type = resourceTypes.find((each) => each === subject.type);
  return type ? typeWords[type].one : subject.id;
}

function fieldsOf({ detail }: AuditEntry): string {
  const fields = Array.isArray(detail['fields']) ? detail['fields'].map(String) : [];
  if (fields.length === 0) return '';
  const labels = fields.map((path) => (path === 'members' ? 'members' : labelOf(path)));
  return `${listOf(labels.map(lowerFirst))} of `;
}

/** In the middle of a sentence; what is written in capitals stays so. */
function lowerFirst(label: string): string {
  return /^[A-Z][a-z ]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

function messageOf({ kind, detail, event }: AuditEntry): string {
  const { message } = detail;
  if (kind === 'refusal' && typeof message === 'string') return `Was refused: ${message}`;
  return `${event.charAt(0).toUpperCase()}${event.slice(1).replaceAll('_', ' ').toLowerCase()}`;
}

function countOf(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en') : 'some';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'somebody';
}
