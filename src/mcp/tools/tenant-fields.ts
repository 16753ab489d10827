/** The arguments and contents that the tools about tenants have in common. */
import { z } from 'zod';
import { toolsets, type Tenant } from '../../directory/index.ts';
import type { Success } from './tool.ts';

/** Here it is the tenant that the tool is about, not the one to work in. */
export const managedTenantId = z.string().min(1).max(63).describe('The id of the tenant, as scim_list_tenants returns it.');

export const tenantName = z.string().min(1).max(100).describe('What people call it.');

export const tenant = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z.enum(['active', 'suspended']),
    settings: z.object({
      strict: z.boolean().describe('Whether only what the SCIM standards allow is taken.'),
      require_version: z.boolean().describe('Whether every write over SCIM must say which version it expects.'),
      toolsets: z.array(z.enum(toolsets)).nullable().describe('Those that its MCP clients have; null for those of the server.'),
    }),
    sample: z.boolean().describe('Whether it is sample data, which anybody may sign in to.'),
    created: z.string(),
  })
  .describe('A tenant: people, groups, history and keys of its own.');

/** A tenant as MCP clients see it. */
export function toTenant({ id, name, state, settings, sample, created }: Tenant) {
  return {
    id,
    name,
    state,
    settings: {
      strict: settings.strict,
      require_version: settings.requireVersion,
      toolsets: settings.toolsets && [...settings.toolsets],
    },
    sample,
    created,
  };
}

/** The answer of a tool about one tenant. */
export function answerTenant(operation: string, found: Tenant): Success {
  return { content: toTenant(found), metadata: { operation, resource_type: 'Tenant', resource_id: found.id } };
}
