/** Parts of the MCP server's tools that can be on or off together, for a tenant, a client, or all. */
export const toolsets = ['scim', 'collaboration', 'administration', 'user-auth', 'demo'] as const;
export type Toolset = (typeof toolsets)[number];
