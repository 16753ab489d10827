/**
 * The directory: resources, versions, merge, history, one store. The other rooms use it through this file (the window
 * through pure.ts). It knows nothing of HTTP, MCP, Electron or React.
 */
export * from './pure.ts';
export type { AuditDetails, AuditPage, AuditProgress, AuditQuery } from './audit/audit.ts';
export type { AuditVerdict } from './audit/audit-check.ts';
export type { AuditNote } from './audit/entry.ts';
export { auditFormats, type AuditFormat } from './audit/export-text.ts';
export type { BulkOperation, BulkOptions, BulkResult } from './bulk.ts';
export type { Choice } from './conflicts/merge-in.ts';
export { Directory, type ListPage, type ListQuery, type SummaryQuery } from './directory.ts';
export type { AsOf, PastPage, PastQuery } from './history/as-of.ts';
export type { HistoryPage, HistoryQuery, RevertOptions, UndoOptions, UndoResult } from './history/history.ts';
export { callLimitsSchema, type CallLimits, type WholeCallLimits } from './call-limits.ts';
export { retentionSchema } from './history/retention.ts';
export type { Reverted } from './history/revert.ts';
export type { Point } from './history/versions.ts';
export { schemaVersionOf, selectFromSchemas } from './discovery.ts';
export { commandLine, tandem } from './authors.ts';
export { guardCell, unguardCell } from './cell.ts';
export { DirectoryError } from './errors.ts';
export { limits } from './limits.ts';
export { applyMergePatch } from './merge-patch.ts';
export type { Answer, ApprovalOptions, Decided, Decision, Question } from './escalations/asking.ts';
export { escalationStates } from './escalations/escalation.ts';
export type { EscalationPage } from './escalations/escalations.ts';
export type { Judgement, Proposal, Rule } from './policy/judge.ts';
export { policySchema } from './policy/policy.ts';
export type { DryRun, DryRunChange, VersionedPolicy } from './policy/policies.ts';
export { normalise } from './normalise.ts';
export { checkPaths, isWanted, project, type Projection } from './project.ts';
export type { ActorKind, EventStream, Scope } from './resource.ts';
export { addSampleCompany } from './sample.ts';
export { ownersOf, referringAttributes, withReferences } from './references.ts';
export { resolvePath } from './schema.ts';
export { isAllowed, type Tenants } from './tenants.ts';
export { parseVersion, versionOf } from './version.ts';
export type { Written } from './write.ts';
export type { WriteOptions } from './writer.ts';
export { toolsets, type Toolset } from './toolsets.ts';
