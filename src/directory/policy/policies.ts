import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import { DirectoryError, type Issue } from '../errors.ts';
import { nameOf } from '../name.ts';
import { memberTypes, type Actor, type Resource, type Revision } from '../resource.ts';
import { resolvePath } from '../schema.ts';
import type { Tenants } from '../tenants.ts';
import { HourCounts, type Counted } from './hour-counts.ts';
import {
  effectiveFor,
  judge,
  type Against,
  type Effective,
  type Circumstances,
  type Judgement,
  type Proposal,
  type Rule,
} from './judge.ts';
import { policySchema, type Policy } from './policy.ts';
import type { RecentWrites } from './recent-writes.ts';

const dryRunMax = 1000;
const hourMs = 60 * 60_000;

/** A tenant's policy, with the version that a change of it is made for. */
export interface VersionedPolicy {
  policy: Policy;
  version: string;
}

/** What a policy would have done to one change. */
export interface DryRunChange extends Pick<Revision, 'revision' | 'type' | 'id' | 'operation' | 'author' | 'at'> {
  /** What people call the person or group. */
  name: string;
  verdict: Judgement['verdict'];
  rule?: Rule;
}

export interface DryRun {
  verdicts: Record<Judgement['verdict'], number>;
  /** Newest first. */
  changes: DryRunChange[];
}

/** Watches the writes of one call. */
export interface Review {
  /** Judges a write that is about to be done. @throws DirectoryError POLICY_REFUSED, APPROVAL_NEEDED. */
  check: (proposal: Proposal) => void;
  /** To be called where nothing of it was written: it may be tried again. */
  undone(): void;
}

/** The policies of all tenants: read, changed, applied to writes, tried on history. */
export class Policies {
  readonly #tenants: Tenants;
  readonly #recent: RecentWrites;
  readonly #clock: () => Date;
  /** By tenant, from the first write on that a limit by the hour applies to. */
  readonly #counts = new Map<string, HourCounts>();
  #updating: Promise<unknown> = Promise.resolve();

  constructor(options: { tenants: Tenants; recent: RecentWrites; clock: () => Date }) {
    this.#tenants = options.tenants;
    this.#recent = options.recent;
    this.#clock = options.clock;
  }

  /** The policy of the actor's tenant. Whoever may read there may know it. */
  get(actor: Actor): VersionedPolicy {
    this.#tenants.allow(actor, 'scim:read');
    return versioned(this.of(actor.tenant));
  }

  /** The policy of a tenant. @throws DirectoryError NOT_FOUND. */
  of(tenant: string): Policy {
    return this.#tenants.get(tenant).settings.policy;
  }

  /** The settings that hold for an actor where it works. @throws DirectoryError NOT_FOUND. */
  effectiveFor(actor: Pick<Actor, 'tenant' | 'id' | 'name'>): Effective {
    return effectiveFor(this.of(actor.tenant), actor);
  }

  /**
   * Gives the actor's tenant another policy. Needs scim:admin.
   * @param proposal the whole policy; what it leaves out is as it is where nobody has said anything.
   * @param expectedVersion the version that the actor has seen.
   * @throws DirectoryError SCHEMA_VIOLATION with the members at fault; VERSION_MISMATCH if it was changed since.
   */
  update(actor: Actor, proposal: unknown, expectedVersion: string): Promise<VersionedPolicy> {
    const update = this.#updating.then(async () => {
      this.#tenants.allow(actor, 'scim:admin');
      const policy = this.parse(actor.tenant, proposal);
      const before = versioned(this.of(actor.tenant));
      if (before.version !== expectedVersion)
        throw new DirectoryError('VERSION_MISMATCH', 'The policy was changed since you read it. Read it again, then change it.');
      await this.#tenants.update(actor.tenant, { settings: { policy } }, actor);
      return versioned(policy);
    });
    this.#updating = update.catch(() => {});
    return update;
  }

  /** Checks a policy against its schema and the tenant's attributes. @throws DirectoryError SCHEMA_VIOLATION. */
  parse(tenant: string, proposal: unknown): Policy {
    const parsed = policySchema.safeParse(proposal);
    const issues: Issue[] = parsed.success
      ? this.#unknownAttributes(tenant, parsed.data)
      : parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    if (parsed.success && issues.length === 0) return parsed.data;
    const text = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join(' ');
    throw new DirectoryError('SCHEMA_VIOLATION', `This is not a policy. ${text}`, { issues });
  }

  /** A misspelt attribute would protect nothing. */
  #unknownAttributes(tenant: string, policy: Policy): Issue[] {
    const lists: [string, readonly string[]][] = [
      ['allAgents', policy.allAgents.approval.attributes],
      ...policy.clients.map(({ approval }, index): [string, readonly string[]] => [
        `clients.${index}`,
        approval?.attributes ?? [],
      ]),
    ];
    const schemas = memberTypes.map((type) => this.#tenants.schemas(tenant, type));
    return lists.flatMap(([place, attributes]) =>
      attributes.flatMap((attribute, index) =>
        schemas.some((each) => resolvePath(each, attribute))
          ? []
          : [
              {
                path: `${place}.approval.attributes.${index}`,
                message: `'${attribute}' is not an attribute of users or groups. Examples: title, name.familyName, emails.`,
              },
            ],
      ),
    );
  }

  /**
   * Watches the writes of one call.
   * @param inCall how many resources the whole call would change.
   * @returns undefined where policy does not concern the actor.
   */
  review(actor: Actor, inCall: number): Review | undefined {
    if (actor.kind !== 'agent') return undefined;
    const policy = this.of(actor.tenant);
    const counted: Counted[] = [];
    const undone = () => {
      for (const each of counted.splice(0)) each.undo();
    };
    return {
      check: (proposal) => {
        const now = this.#clock();
        const count = proposal.follows ? undefined : this.#count(policy, actor, proposal, now);
        if (count) counted.push(count);
        const judgement = judge(policy, actor, proposal, { now, inCall, inHour: count?.inHour ?? 0 });
        if (judgement.verdict === 'apply') return;
        undone();
        throw judgement.verdict === 'refuse' ? refused(judgement) : approvalNeeded(judgement);
      },
      undone,
    };
  }

  #count(policy: Policy, actor: Actor, { key }: Proposal, now: Date): Counted | undefined {
    if (!countsHours(policy)) {
      this.#counts.delete(actor.tenant);
      return undefined;
    }
    let counts = this.#counts.get(actor.tenant);
    if (!counts) {
      counts = new HourCounts();
      const since = new Date(now.getTime() - hourMs).toISOString();
      for (const { actor: id, type, id: resource, at } of this.#recent.since(actor.tenant, since))
        counts.count(id, `${type} ${resource}`, Date.parse(at));
      this.#counts.set(actor.tenant, counts);
    }
    return counts.count(actor.id, `${key.type} ${key.id}`, now.getTime());
  }

  /**
   * Says what a policy would have done to the last changes of the actor's tenant. Each is taken as a call of its own, made for
   * the version that it changed, since history does not say otherwise.
   * @param proposal the policy; absent for the one that is in force.
   * @param count at most so many changes, 1,000 at most.
   * @throws DirectoryError SCHEMA_VIOLATION.
   */
  async dryRun(actor: Actor, proposal: unknown, count: number): Promise<DryRun> {
    this.#tenants.allow(actor, 'scim:admin');
    const policy = proposal === undefined ? this.of(actor.tenant) : this.parse(actor.tenant, proposal);
    const revisions = await this.#recent.last(actor.tenant, Math.min(Math.max(1, Math.trunc(count)), dryRunMax));
    const counts = new HourCounts();
    const verdicts = { apply: 0, approval: 0, refuse: 0 };
    const changes = revisions.toReversed().map((revision): DryRunChange => {
      const { author, at, type, id, operation } = revision;
      const now = new Date(at);
      const { inHour } = counts.count(author.id, `${type} ${id}`, now.getTime());
      const circumstances: Circumstances = { now, inCall: 1, inHour };
      const { verdict, rule } = judge(policy, author, proposalOf(revision), circumstances);
      verdicts[verdict]++;
      const facts = { revision: revision.revision, type, id, operation, author, at, name: nameOf(revision.resource) };
      return { ...facts, verdict, ...(rule && { rule }) };
    });
    return { verdicts, changes: changes.toReversed() };
  }
}

function versioned(policy: Policy): VersionedPolicy {
  const digest = createHash('sha256').update(canonicalize(policy) ?? '');
  return { policy, version: digest.digest().subarray(0, 8).toString('base64') };
}

function countsHours({ allAgents, clients }: Policy): boolean {
  return allAgents.approval.perHour !== null || clients.some(({ approval }) => typeof approval?.perHour === 'number');
}

function refused({ rule, retryAfterMs }: Against): DirectoryError {
  return new DirectoryError('POLICY_REFUSED', `Nothing was written. The policy of this tenant refuses it. ${rule.says}`, {
    rule,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function approvalNeeded({ rule, retryAfterMs }: Against): DirectoryError {
  const message = `Nothing was written yet. The policy of this tenant lets a person decide. ${rule.says}`;
  return new DirectoryError('APPROVAL_NEEDED', message, { rule, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

/** The write that made a revision, as far as history tells. */
function proposalOf({ tenant, type, id, operation, previousVersion, resource, changes, members }: Revision): Proposal {
  const before: Resource = { ...resource };
  for (const change of changes)
    if (change.path === 'active' || change.path === 'displayName') {
      if (change.before === undefined) delete before[change.path];
      else before[change.path] = change.before;
    }
  return {
    key: { tenant, type, id },
    operation,
    ...(previousVersion !== undefined && { current: { resource: before, version: previousVersion } }),
    resource,
    changes,
    ...(members && { members: { add: members.added, remove: members.removed } }),
    expectedVersion: previousVersion,
  };
}
