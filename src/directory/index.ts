/**
 * The directory: resources, versions, merge, history, one store. The other rooms use it through this file (the window
 * through pure.ts). It knows nothing of HTTP, MCP, Electron or React.
 */
export * from './pure.ts';
export type { BulkOperation, BulkOptions, BulkResult } from './bulk.ts';
export { Directory, type ListPage, type ListQuery, type SummaryQuery, type WriteOptions } from './directory.ts';
export { schemaVersionOf, selectFromSchemas } from './discovery.ts';
export { DirectoryError } from './errors.ts';
export { limits } from './limits.ts';
export { withManager } from './manager.ts';
export { applyMergePatch } from './merge-patch.ts';
export { normalise } from './normalise.ts';
export { checkPaths, isWanted, project, type Projection } from './project.ts';
export type { ActorKind, EventStream, Scope } from './resource.ts';
export { addSampleCompany } from './sample.ts';
export { resolvePath } from './schema.ts';
export { isAllowed, type Tenants } from './tenants.ts';
export { parseVersion, versionOf } from './version.ts';
export type { Written } from './write.ts';
