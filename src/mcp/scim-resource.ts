import { withReferences, type Resource, type ResourceType, type Versioned } from '../directory/index.ts';

/** What each type of resource is called in addresses (RFC 7643 §3.2). */
const collections: Record<ResourceType, string> = { User: 'Users', Group: 'Groups', Agent: 'Agents' };

/** A user or group as MCP clients see it. */
export type ScimResource = Resource & { _version: string };

/**
 * The resource with `_version` (seed 001) and `meta` (RFC 7643 §3.1, raw version), without what is read apart (answer.ts).
 * @param names of those it refers to, by id.
 */
export function toScim(found: Versioned, names: ReadonlyMap<string, string>): ScimResource {
  return {
    ...withReferences(found.type, found.resource, names, (of, id) => resourceUri(found.tenant, of, id)),
    meta: {
      resourceType: found.type,
      created: found.created,
      lastModified: found.lastModified,
      location: resourceUri(found.tenant, found.type, found.resource.id),
      version: found.version,
    },
    _version: found.version,
  };
}

/** The address of a user or group among MCP resources. With an empty id, what the addresses of all begin with. */
export function resourceUri(tenant: string, type: ResourceType, id: string): string {
  return `scim://${tenant}/${collections[type]}/${encodeURIComponent(id)}`;
}

/** The address of an escalation among MCP resources. With an empty id, what the addresses of all begin with. */
export function escalationUri(tenant: string, id: string): string {
  return `scim://${tenant}/Escalations/${encodeURIComponent(id)}`;
}

/** The address of the conflict report of a tenant among MCP resources. */
export function conflictReportUri(tenant: string): string {
  return `scim://${tenant}/ConflictReport`;
}

/** The address of a schema among MCP resources. */
export function schemaUri(tenant: string, urn: string): string {
  return `scim://${tenant}/Schemas/${urn}`;
}
