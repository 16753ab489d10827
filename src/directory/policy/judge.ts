import type { Author, FieldChange, Operation, Resource, Versioned } from '../resource.ts';
import type { Key } from '../store.ts';
import { withDifferences, type Policy, type PolicySettings } from './policy.ts';
import { isQuiet, quietEndsInMs } from './quiet-hours.ts';

/** Which part of a policy decided. */
export interface Rule {
  /** Stable: whose rule, and which one, for example `all-agents/delete` or `client:key:4f…/readOnly`. */
  id: string;
  /** The rule in a sentence. */
  says: string;
}

/** A write that is about to be done: exactly what it would write. */
export interface Proposal {
  key: Key;
  operation: Operation;
  /** The resource as it is; absent where it is created. */
  current?: Pick<Versioned, 'resource' | 'version'> | undefined;
  /** The resource as it would be; for a deletion, as it is. */
  resource: Resource;
  changes: readonly FieldChange[];
  /** Of a group: who would come and go. */
  members?: { add: readonly unknown[]; remove: readonly unknown[] } | undefined;
  /** The version that the caller says it has seen. */
  expectedVersion?: string | undefined;
  /** Whether it only follows from another write, as a deleted person leaves their groups. */
  follows?: boolean | undefined;
}

/** What a judgement needs beside the write itself. */
export interface Circumstances {
  now: Date;
  /** Resources that the whole call would change. */
  inCall: number;
  /** Resources that the actor has changed within the hour, with this one. */
  inHour: number;
}

/** A judgement that does not let a write be. */
export interface Against {
  verdict: 'approval' | 'refuse';
  rule: Rule;
  /** Where the same rule says otherwise after a while: in so many milliseconds. */
  retryAfterMs?: number;
}

export type Judgement = { verdict: 'apply'; rule?: undefined } | Against;

/** The settings that hold for an actor, and whose each is. */
export interface Effective {
  settings: PolicySettings;
  /** @returns the rule of this name, in a sentence; it is the client's own where the client has one. */
  rule: (name: RuleName, says: string) => Rule;
}

export type RuleName = Exclude<keyof PolicySettings, 'approval'> | keyof PolicySettings['approval'];

/**
 * What a policy says of an actor: what it says of all agents, but for what it says otherwise of this client. Where several
 * entries fit, the last one holds.
 */
export function effectiveFor(policy: Policy, actor: Pick<Author, 'id' | 'name'>): Effective {
  const own = policy.clients.filter(({ client }) => client === actor.id || client === actor.name);
  const settings = own.reduce(
    (before, { client: _client, ...differing }) => withDifferences(before, differing),
    policy.allAgents,
  );
  return {
    settings,
    rule(name, says) {
      const entry = own.findLast((each) => valueOf(each, name) !== undefined);
      return entry
        ? { id: `client:${entry.client}/${name}`, says: `For ${actor.name}: ${says}` }
        : { id: `all-agents/${name}`, says: `For all agents: ${says}` };
    },
  };
}

function valueOf({ approval, ...settings }: Policy['clients'][number], name: RuleName): unknown {
  return { ...approval, ...settings }[name];
}

/**
 * Judges one write. Pure: the same arguments have the same answer. Policy is about software; a person's own write, and
 * Tandem's, is always applied.
 */
export function judge(
  policy: Policy,
  actor: Pick<Author, 'id' | 'name' | 'kind'>,
  proposal: Proposal,
  circumstances: Circumstances,
): Judgement {
  if (actor.kind !== 'agent') return { verdict: 'apply' };
  const effective = effectiveFor(policy, actor);
  return refusalOf(effective, proposal, circumstances) ?? approvalOf(effective, proposal, circumstances) ?? { verdict: 'apply' };
}

function refusalOf({ settings, rule }: Effective, proposal: Proposal, { now }: Circumstances): Judgement | undefined {
  const refuse = (name: RuleName, says: string): Against => ({ verdict: 'refuse', rule: rule(name, says) });
  const { quietHours } = settings;
  if (settings.readOnly) return refuse('readOnly', 'nothing may be changed.');
  if (quietHours?.writes === 'refuse' && isQuiet(quietHours, now)) {
    const says = `nothing may be changed from ${quietHours.from} to ${quietHours.to} (${quietHours.timeZone}).`;
    return { ...refuse('quietHours', says), ...untilEnd(quietHours, now) };
  }
  const isConditional = proposal.current === undefined || proposal.follows || proposal.expectedVersion !== undefined;
  if (settings.expectedVersion === 'mandatory' && !isConditional)
    return refuse('expectedVersion', 'each change must say which version it is made for (expected_version).');
  return undefined;
}

function approvalOf({ settings, rule }: Effective, proposal: Proposal, circumstances: Circumstances): Judgement | undefined {
  const ask = (name: RuleName, says: string): Against => ({ verdict: 'approval', rule: rule(name, says) });
  const { approval, quietHours } = settings;
  const { current, resource, operation, follows } = proposal;
  const group = approval.groups.find((listed) => changesGroup(proposal, listed));
  if (operation === 'delete' && approval.delete) return ask('delete', 'deletions need approval.');
  if (group !== undefined) return ask('groups', `changes to the group ${group} need approval.`);
  // What follows from a write is not counted, and touches nothing but members.
  if (follows) return undefined;
  if (approval.deactivate && current && current.resource['active'] !== false && resource['active'] === false)
    return ask('deactivate', 'deactivations need approval.');
  const attribute = operation === 'delete' ? undefined : approval.attributes.find((listed) => changes(proposal, listed));
  if (attribute !== undefined) return ask('attributes', `changes to ${attribute} need approval.`);
  const { perCall, perHour } = approval;
  if (perCall !== null && circumstances.inCall > perCall)
    return ask('perCall', `changes to more than ${resources(perCall)} in one call need approval.`);
  if (perHour !== null && circumstances.inHour > perHour)
    return ask('perHour', `changes to more than ${resources(perHour)} within an hour need approval.`);
  if (quietHours?.writes === 'approval' && isQuiet(quietHours, circumstances.now)) {
    const says = `changes from ${quietHours.from} to ${quietHours.to} (${quietHours.timeZone}) need approval.`;
    return { ...ask('quietHours', says), ...untilEnd(quietHours, circumstances.now) };
  }
  return undefined;
}

function untilEnd(quietHours: NonNullable<PolicySettings['quietHours']>, now: Date): { retryAfterMs?: number } {
  const retryAfterMs = quietEndsInMs(quietHours, now);
  return retryAfterMs > 0 ? { retryAfterMs } : {};
}

function resources(count: number): string {
  return count === 1 ? '1 resource' : `${count} resources`;
}

/** Whether who is in a listed group changes, or what it is called: under another name it would not be the listed one. */
function changesGroup({ key, current, resource, operation, members, changes }: Proposal, listed: string): boolean {
  if (key.type !== 'Group') return false;
  const names = [current?.resource['displayName'], resource['displayName']].filter((name) => typeof name === 'string');
  if (listed !== key.id && !names.some((name) => name.toLowerCase() === listed.toLowerCase())) return false;
  return operation === 'delete' || members !== undefined || changes.some(({ path }) => path === 'displayName');
}

/** Whether a write changes a listed attribute, something in it, or something that it is in. */
function changes(proposal: Proposal, listed: string): boolean {
  const attribute = plain(listed);
  return proposal.changes.some(({ path }) => {
    const changed = plain(path);
    return changed === attribute || changed.startsWith(`${attribute}.`) || attribute.startsWith(`${changed}.`);
  });
}

/** A path without filters and without the URN of its schema: names of attributes are unlike within a tenant's type. */
function plain(path: string): string {
  // A bracket within a quoted value ends no filter.
  const unfiltered = path.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]/g, '');
  return unfiltered.slice(unfiltered.lastIndexOf(':') + 1).toLowerCase();
}
