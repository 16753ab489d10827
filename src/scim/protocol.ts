import { limits, type ResourceType } from '../directory/index.ts';

/** The media type of all answers (RFC 7644 §8.1). */
export const mediaType = 'application/scim+json';

const messages = 'urn:ietf:params:scim:api:messages:2.0';
const core = 'urn:ietf:params:scim:schemas:core:2.0';

/** The URNs of messages and of what discovery shows. */
export const urns = {
  error: `${messages}:Error`,
  list: `${messages}:ListResponse`,
  search: `${messages}:SearchRequest`,
  patch: `${messages}:PatchOp`,
  bulkRequest: `${messages}:BulkRequest`,
  bulkResponse: `${messages}:BulkResponse`,
  schema: `${core}:Schema`,
  resourceType: `${core}:ResourceType`,
  serviceProviderConfig: `${core}:ServiceProviderConfig`,
  /** Ours: what changed since the version that a request expected. */
  conflict: 'urn:tandem:params:scim:api:messages:2.0:Conflict',
} as const;

/** Where the resources of a type are, below the SCIM root. */
export const collections: Record<ResourceType, string> = { User: 'Users', Group: 'Groups', Agent: 'Agents' };

/** Bounds of this door, beside those of the directory. */
export const doorLimits = {
  pageDefault: 100,
  pageMax: limits.pageMax,
  bodyBytesMax: 1024 * 1024,
  /** Of bulk requests, and of groups, which may name many members. */
  largeBodyBytesMax: 8 * 1024 * 1024,
  /** Levels of objects and lists in a body; a SCIM message has less than ten. */
  bodyDepthMax: 50,
  /** Members of all groups in one answer. */
  membersListedMax: 100_000,
  /** A patched group with more members is not sent back, unless attributes are asked for. */
  membersEchoedMax: 1000,
  /** Members read at a time. */
  membersPage: 2000,
} as const;

/** The address of a resource. @param base of the SCIM root by which the caller came. */
export function locationOf(base: string, type: ResourceType, id: string): string {
  return `${base}/${collections[type]}/${encodeURIComponent(id)}`;
}

/** The entity tag of a version (RFC 7644 §3.14): weak, since equal content may be written differently. */
export function etagOf(version: string): string {
  return `W/"${version}"`;
}
