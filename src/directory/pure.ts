/** What runs in the window too: no Node, no I/O. The renderer may import this file of the directory and no other. */
export { auditKinds, type AuditEntry, type AuditKind } from './audit/entry.ts';
export { paneAgentName } from './authors.ts';
export type { CallLimits, WholeCallLimits } from './call-limits.ts';
export type { ChangeSince, Conflict } from './conflict.ts';
export type { RecordedConflict, Strategy } from './conflicts/recorded-conflict.ts';
export type { Advice, ConflictReport } from './conflicts/report.ts';
export { diff } from './diff.ts';
export { overlaps, type Advisory } from './presence/advisory.ts';
export type { Presence } from './presence/presence.ts';
export { asElements, isComplex, same } from './elements.ts';
export type { ErrorCode, Issue } from './errors.ts';
export type { Escalation, EscalationState, ProposedChange } from './escalations/escalation.ts';
export type { RetentionSettings } from './history/retention.ts';
export type { Undone, UndoConflict } from './history/undo.ts';
export type { Comparison, VersionInfo } from './history/versions.ts';
export type { ExtensionBreak, ExtensionCheck } from './extension-data.ts';
export { operatorTenant } from './managed-tenants.ts';
export { nameOf } from './name.ts';
export type { Policy, PolicySettings } from './policy/policy.ts';
export { merge, type Collision, type Merge, type Side } from './merge.ts';
export type {
  Actor,
  Author,
  Change,
  Complex,
  Door,
  FieldChange,
  Json,
  Member,
  Membership,
  MemberType,
  Operation,
  Origin,
  Resource,
  ResourceType,
  Revision,
  Tenant,
  TenantSettings,
  Versioned,
} from './resource.ts';
export { memberTypes, resourceTypes } from './resource.ts';
export {
  agentSchemas,
  agentUrn,
  groupSchemas,
  groupUrn,
  userSchemas,
  userUrn,
  type Attribute,
  type ResourceSchemas,
  type Schema,
} from './schema.ts';
export type { GroupSummary, Page, SortKey, UserSummary } from './store.ts';
export { toolsets, type Toolset } from './toolsets.ts';
