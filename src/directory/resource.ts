import type { CallLimits } from './call-limits.ts';
import type { RetentionSettings } from './history/retention.ts';
import type { Policy } from './policy/policy.ts';
import type { Toolset } from './toolsets.ts';

/** A JSON value as it stands in a SCIM resource. */
export type Json = string | number | boolean | Json[] | { [name: string]: Json };

/** A complex attribute's value, or one element of a multi-valued one. */
export type Complex = { [name: string]: Json };

/** The types of resources that can be members of a group. */
export const memberTypes = ['User', 'Group'] as const;
export type MemberType = (typeof memberTypes)[number];

/** The SCIM resource types that the directory stores, in the order in which they are told. */
export const resourceTypes = [...memberTypes, 'Agent'] as const;
export type ResourceType = (typeof resourceTypes)[number];

/**
 * A resource as the directory keeps it: canonical attribute names, only assigned attributes, without `meta`
 * (the directory keeps version and timestamps beside it; each door writes `meta` in its own form).
 */
export interface Resource {
  schemas: string[];
  id: string;
  [attribute: string]: Json;
}

/** A resource with what the directory knows about it. Timestamps are RFC 3339 in UTC. */
export interface Versioned {
  type: ResourceType;
  tenant: string;
  resource: Resource;
  /** Raw version, see version.ts. */
  version: string;
  created: string;
  lastModified: string;
  /** The sequence number of the revision that made this version. */
  revision: number;
  /** Of a group: how many direct members it has, and a digest of who they are. The members themselves are read apart. */
  members?: { count: number; digest: string };
}

/** A member of a group. */
export interface Member {
  /** The id of the user or group. */
  value: string;
  type: MemberType;
  display: string;
}

/** A group that somebody belongs to. */
export interface Membership {
  /** The id of the group. */
  value: string;
  display: string;
  type: 'direct' | 'indirect';
}

/** Who acts. `agent` is software that decides for itself, `system` is Tandem (sample data, tests). */
export type ActorKind = 'person' | 'agent' | 'system';

/** The way a caller came in. */
export type Door = 'window' | 'mcp' | 'scim' | 'cli';

/** What a caller may do, as OAuth scopes. `scim:admin` includes the others. */
export type Scope = 'scim:read' | 'scim:write' | 'scim:admin';

/** A caller that a door has authenticated: who it is, in which tenant, what it may do, through which door. */
export interface Actor {
  id: string;
  name: string;
  kind: ActorKind;
  door: Door;
  tenant: string;
  scopes: readonly Scope[];
  /** Which piece of an agent's work this is part of, so that all of it can be found, and undone, together. */
  run?: string | undefined;
}

/** The part of an Actor that history keeps. */
export interface Author extends Pick<Actor, 'id' | 'name' | 'kind' | 'door' | 'run'> {
  /** Who let it be done, where it could not be done without. */
  approvedBy?: Pick<Actor, 'id' | 'name' | 'kind' | 'door'> & { escalation: string };
}

/** One attribute that differs between two versions. An absent side means "not assigned". */
export interface FieldChange {
  /** SCIM path; multi-valued elements by identity: `emails[type eq "work"].value`. */
  path: string;
  before?: Json;
  after?: Json;
}

export type Operation = 'create' | 'replace' | 'patch' | 'delete' | 'recreate';

/** Why a write was made, where it goes back on others. */
export type Origin =
  /** To an earlier version of the resource; `fields` are those that were chosen, absent for all. */
  | { kind: 'revert'; revision: number; version: string; at: string; fields?: readonly string[] }
  /** What this author did, in one run or (with `revision`) in one change. */
  | { kind: 'undo'; author: Author; revision?: number };

/** One entry of a resource's history. */
export interface Revision {
  /** Position in the history of the whole directory; strictly increasing. */
  revision: number;
  tenant: string;
  type: ResourceType;
  id: string;
  operation: Operation;
  author: Author;
  /** RFC 3339, UTC. */
  at: string;
  version: string;
  /** The version it was made from; absent for a creation. */
  previousVersion?: string;
  changes: FieldChange[];
  /** The whole resource as of this revision, without members; for a deletion, as it was before. */
  resource: Resource;
  /** The ids that came into a group and left it with this revision. */
  members?: { added: readonly string[]; removed: readonly string[] };
  origin?: Origin;
  /** Of a deletion: the ids of the groups whose direct member it was. */
  fromGroups?: readonly string[];
}

/** What the directory announces after a write is on disk: exactly one for each revision. */
export type Change = Revision;

/** A tenant of the directory: its own resources, versions, history and keys. */
export interface Tenant {
  id: string;
  name: string;
  /** Sample data for demonstrations, in which the demo sign-in is on. */
  sample: boolean;
  created: string;
  /** A suspended tenant keeps its data and lets nobody in but the administrator. */
  state: TenantState;
  settings: TenantSettings;
}

export type TenantState = 'active' | 'suspended' | 'deleted';

/** How a tenant deals with what software sends. */
export interface TenantSettings {
  /** Whether only what the standards allow is taken, or also what Entra ID and Okta really send. */
  strict: boolean;
  /** Whether each replacement, patch and deletion over SCIM must say which version it expects. */
  requireVersion: boolean;
  policy: Policy;
  /** How much of the history is kept; empty for all. */
  history: RetentionSettings;
  /** What all its clients together may do, where that is not as settings.json says. */
  limits: CallLimits;
  /** The MCP toolsets that clients of this tenant have; null for what the server has. */
  toolsets: readonly Toolset[] | null;
}

/** A receiver outside that is told of each change of a tenant (RFC 9967), and how far it has been told. */
export interface EventStream {
  tenant: string;
  /** What it is called; no other stream of its tenant has this name. */
  name: string;
  created: string;
  /** Whom its tokens are for (`aud`, RFC 7519 §4.1.3). */
  audience: string;
  /** Whether its tokens name the attributes that changed, or carry their values (RFC 9967 §2.4). */
  form: 'notice' | 'full';
  delivery: { method: 'poll' } | PushDelivery;
  /** It has received all changes of its tenant up to this revision. */
  position: number;
  /** Revisions after it that it has received too. */
  received: readonly number[];
  /** What went wrong last; absent since something was received again. */
  problem?: { at: string; message: string } | undefined;
}

/** A stream that is sent to an address (RFC 8935). */
export interface PushDelivery {
  method: 'push';
  url: string;
  /** The value of the Authorization header, encrypted by whoever keeps it here. */
  authorization?: string | undefined;
}
