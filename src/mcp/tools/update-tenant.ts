import { z } from 'zod';
import { toolsets } from '../../directory/index.ts';
import { managedTenantId, answerTenant, tenant, tenantName } from './tenant-fields.ts';
import { defineTool, overwrites } from './tool.ts';

export const updateTenant = defineTool({
  name: 'scim_update_tenant',
  title: 'Change a tenant',
  description:
    'Renames a tenant, suspends it or lets it go on, or changes how it deals with what provisioning clients send. What you leave out stays. ' +
    'A suspended tenant keeps its data and lets nobody in but the administrator at the window: if you suspend the tenant of this access, this access ends until somebody there lets it go on.',
  toolset: 'administration',
  scope: 'scim:admin',
  annotations: overwrites,
  type: 'Tenant',
  input: {
    tenant_id: managedTenantId,
    name: tenantName.optional(),
    state: z.enum(['active', 'suspended']).optional(),
    settings: z
      .strictObject({
        strict: z
          .boolean()
          .optional()
          .describe('Take only what the SCIM standards allow, not also what Entra ID and Okta really send.'),
        require_version: z
          .boolean()
          .optional()
          .describe('Refuse each replacement, patch and deletion over SCIM that does not say which version it expects.'),
        toolsets: z
          .array(z.enum(toolsets))
          .nullable()
          .optional()
          .describe('The MCP toolsets that clients of the tenant have; null for those that the server has.'),
      })
      .optional(),
  },
  content: tenant,
  async run({ directory }, actor, { tenant_id, name, state, settings }) {
    const updated = await directory.tenants.managedBy(actor).update(tenant_id, {
      name,
      state,
      settings: settings && {
        strict: settings.strict,
        requireVersion: settings.require_version,
        toolsets: settings.toolsets,
      },
    });
    return answerTenant('update_tenant', updated);
  },
});
