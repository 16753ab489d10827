import { same, type Json, type Policy, type PolicySettings } from '../../directory/pure.ts';

/** The rules of one place of a policy, each by its name (docs/policy.md). */
export type Rules = Omit<PolicySettings, 'approval'> & PolicySettings['approval'];
export type RuleName = keyof Rules;
export type QuietHours = NonNullable<Rules['quietHours']>;

/** What differs for one client. */
export interface Exception {
  /** Its id, or its name, as the history shows them. */
  client: string;
  rules: Partial<Rules>;
}

/** How people are asked. */
export type Asking = Pick<Policy, 'askClient' | 'waitSeconds' | 'deadlineMinutes'>;

/** A policy as it is edited. */
export interface PolicyDraft extends Asking {
  allAgents: Rules;
  clients: Exception[];
}

const approvalNames = ['delete', 'deactivate', 'attributes', 'groups', 'perCall', 'perHour'] as const;
const isApproval = (name: string): boolean => approvalNames.some((each) => each === name);

export function toDraft({ allAgents: { approval, ...settings }, clients, ...asking }: Policy): PolicyDraft {
  return {
    ...asking,
    allAgents: { ...settings, ...approval },
    clients: clients.map(({ client, approval: own, ...differing }) => ({
      client,
      rules: { ...differing, ...own } as Partial<Rules>,
    })),
  };
}

/** @returns the policy as docs/policy.md has it. */
export function toPolicy({ allAgents, clients, ...asking }: PolicyDraft): Record<string, unknown> {
  const nested = (rules: Partial<Rules>) => {
    const entries = Object.entries(rules);
    const approval = Object.fromEntries(entries.filter(([name]) => isApproval(name)));
    const settings = Object.fromEntries(entries.filter(([name]) => !isApproval(name)));
    return { ...settings, ...(Object.keys(approval).length > 0 && { approval }) };
  };
  return {
    allAgents: nested(allAgents),
    clients: clients.map(({ client, rules }) => ({ client, ...nested(rules) })),
    ...asking,
  };
}

/** Something in which two policies differ; an absent side has no such rule. */
export interface Difference {
  /** The client; absent for all agents, and for how people are asked. */
  client?: string;
  name: RuleName | keyof Asking;
  before?: Json | null;
  after?: Json | null;
}

type Flat = Map<string, { client?: string; name: Difference['name']; value: Json | null }>;

function flat({ allAgents, clients, ...asking }: PolicyDraft): Flat {
  const found: Flat = new Map();
  const add = (rules: object, client?: string) => {
    for (const [name, value] of Object.entries(rules) as [Difference['name'], Json | null][])
      found.set(JSON.stringify([client ?? null, name]), { name, value, ...(client !== undefined && { client }) });
  };
  add(asking);
  add(allAgents);
  for (const { client, rules } of clients) add(rules, client);
  return found;
}

const sameValue = (a: Json | null | undefined, b: Json | null | undefined): boolean =>
  a === null || b === null ? a === b : same(a, b);

/** What one policy says otherwise than another. */
export function differences(before: PolicyDraft, after: PolicyDraft): Difference[] {
  const [left, right] = [flat(before), flat(after)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => {
    const [from, to] = [left.get(key), right.get(key)];
    const about = from ?? to;
    if (!about || (from && to && sameValue(from.value, to.value))) return [];
    const { name, client } = about;
    return [
      {
        name,
        ...(client !== undefined && { client }),
        ...(from && { before: from.value }),
        ...(to && { after: to.value }),
      },
    ];
  });
}

/** Applies what was changed from `base` to `mine` to a policy that others changed meanwhile: mine stands where both did. */
export function rebase(base: PolicyDraft, mine: PolicyDraft, theirs: PolicyDraft): PolicyDraft {
  const result = structuredClone(theirs);
  for (const { client, name, after } of differences(base, mine)) {
    if (client === undefined) {
      // Of all agents, and of asking, each rule is always there.
      if (name in result.allAgents) Object.assign(result.allAgents, { [name]: after });
      else Object.assign(result, { [name]: after });
      continue;
    }
    let own = result.clients.find((each) => each.client === client);
    if (!own) result.clients.push((own = { client, rules: {} }));
    if (after === undefined) delete own.rules[name as RuleName];
    else Object.assign(own.rules, { [name]: after });
  }
  const gone = base.clients.filter(({ client }) => mine.clients.every((each) => each.client !== client));
  const added = mine.clients.filter(({ client }) => result.clients.every((each) => each.client !== client));
  return {
    ...result,
    clients: [...result.clients.filter(({ client }) => gone.every((each) => each.client !== client)), ...added],
  };
}

/** @param path of an issue, as the directory names it. @returns the place in the form: whose rule, and which. */
export function placeOf(path: string): { index?: number; name: string } {
  const [first = '', ...rest] = path.split('.').filter((part) => part !== 'approval');
  if (first === 'allAgents') return { name: rest[0] ?? '' };
  if (first === 'clients') return { index: Number(rest[0]), name: rest[1] ?? '' };
  return { name: first };
}
