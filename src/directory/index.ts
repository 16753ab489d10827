/**
 * The directory: resources, versions, merge, history, one store. The other rooms use it through this file (the window
 * through pure.ts). It knows nothing of HTTP, MCP, Electron or React.
 */
export * from './pure.ts';
export { Directory, type Written } from './directory.ts';
export { DirectoryError } from './errors.ts';
export { limits } from './limits.ts';
export type { ActorKind, ResourceType, Scope } from './resource.ts';
export { addSampleCompany } from './sample.ts';
export { parseVersion, versionOf } from './version.ts';
