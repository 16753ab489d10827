import type { Resource, Versioned } from '../directory/index.ts';

/** A user as MCP clients see it: the resource with `_version` (seed 001) and `meta` (RFC 7643 §3.1, raw version). */
export function toScimUser(user: Versioned): Resource & { _version: string } {
  return {
    ...user.resource,
    meta: {
      resourceType: user.type,
      created: user.created,
      lastModified: user.lastModified,
      location: userUri(user.tenant, user.resource.id),
      version: user.version,
    },
    _version: user.version,
  };
}

/** The address of a user among MCP resources. */
export function userUri(tenant: string, id: string): string {
  return `scim://${tenant}/Users/${encodeURIComponent(id)}`;
}
