import { z } from 'zod';
import { limits } from '../limits.ts';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'Give a time from 00:00 to 23:59, for example 22:00.');

const timeZone = z.string().max(64).refine(isTimeZone, 'Give the name of a time zone, for example Europe/Berlin or UTC.');

/** Times at which software changes nothing by itself. A time that begins late and ends early goes past midnight. */
const quietHours = z.strictObject({
  timeZone,
  from: timeOfDay,
  to: timeOfDay,
  /** The days on which it begins. */
  days: z.array(z.enum(days)).min(1).max(7),
  writes: z.enum(['approval', 'refuse']),
});

const count = z.int().min(1).max(100_000);

/** How the directory deals with writes of software, at one place of a policy. */
const settings = z.strictObject({
  /** Every write is refused. */
  readOnly: z.boolean(),
  /** Writes that wait until a person has approved them. */
  approval: z.strictObject({
    delete: z.boolean(),
    /** `active` becomes false. */
    deactivate: z.boolean(),
    /** Changes to these attributes: SCIM paths; a complex attribute stands for all in it. */
    attributes: z.array(z.string().min(1).max(300)).max(100),
    /** Changes to who is a member of these groups: ids, or names (letter case does not matter). */
    groups: z.array(z.string().min(1).max(256)).max(100),
    /** More resources than this in one call; null where it does not matter. */
    perCall: count.nullable(),
    /** More resources than this within an hour; null where it does not matter. */
    perHour: count.nullable(),
  }),
  /** Somebody changed other fields since: both are applied, or the agent is told and may merge them, or a person is asked. */
  onCleanMerge: z.enum(['apply', 'confirm', 'ask']),
  /** Somebody changed the same fields since: the agent is told, or a person is asked. */
  onOverlap: z.enum(['reject', 'ask']),
  /** Whether replacements, patches and deletions must say which version they are made for. */
  expectedVersion: z.enum(['optional', 'mandatory']),
  /** What becomes of a record that would restore what somebody else has changed since its author read it. */
  staleBody: z.enum(['refuse', 'merge', 'warn']),
  /** So many refused attempts in so many minutes; past it, the answer says when to come back. */
  retryBudget: z.strictObject({ retries: z.int().min(1).max(10_000), perMinutes: z.int().min(1).max(1440) }),
  quietHours: quietHours.nullable(),
});

/** As it is where nobody has said anything: software may do what its scopes allow. */
const open: z.infer<typeof settings> = {
  readOnly: false,
  approval: { delete: false, deactivate: false, attributes: [], groups: [], perCall: null, perHour: null },
  onCleanMerge: 'confirm',
  onOverlap: 'reject',
  expectedVersion: 'optional',
  staleBody: 'refuse',
  retryBudget: { ...limits.retryBudget },
  quietHours: null,
};

/** Of one client, or of all agents as somebody writes it down: only what differs. */
const differing = settings.partial().extend({ approval: settings.shape.approval.partial().optional() });

const exception = differing.extend({
  /** The id of an actor, or its name, as history shows them. Names are chosen by clients: allow more by id only. */
  client: z.string().min(1).max(256),
});

/** The policy of a tenant: what software may do there without a person. People at the window are not subject to it. */
export const policySchema = z.strictObject({
  allAgents: differing.prefault({}).transform((given) => withDifferences(open, given)),
  clients: z.array(exception).max(100).default([]),
  /** Whether the user of a client that can ask is asked too, beside the people at Tandem's window. */
  askClient: z.boolean().default(true),
  /** How long a call waits for an answer before it says that it is pending. */
  waitSeconds: z.int().min(0).max(300).default(25),
  /** How long a question waits for an answer before it expires. */
  deadlineMinutes: z
    .int()
    .min(1)
    .max(60 * 24 * 30)
    .default(60 * 24),
});

export type Policy = z.infer<typeof policySchema>;
export type PolicySettings = z.infer<typeof settings>;

/** The policy of a tenant that has none of its own. */
export const openPolicy: Policy = policySchema.parse({});

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Settings, as far as others say nothing else. */
export function withDifferences(base: PolicySettings, { approval, ...given }: z.infer<typeof differing>): PolicySettings {
  return { ...base, ...defined(given), approval: { ...base.approval, ...defined(approval ?? {}) } };
}

/** What is there of an object; a member that is undefined says nothing. */
function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
