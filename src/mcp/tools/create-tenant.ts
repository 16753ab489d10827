import { managedTenantId, answerTenant, tenant, tenantName } from './tenant-fields.ts';
import { defineTool } from './tool.ts';

export const createTenant = defineTool({
  name: 'scim_create_tenant',
  title: 'Add a tenant',
  description:
    'Adds an empty tenant, with people, groups, history and keys of its own. Only for access to the tenant default. It gives no access to the new tenant: an administrator allows that.',
  toolset: 'administration',
  scope: 'scim:admin',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: {
    tenant_id: managedTenantId.describe(
      'Its id, which stays: 1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit.',
    ),
    name: tenantName.optional().describe('What people call it; its id if left out.'),
  },
  content: tenant,
  async run({ directory }, actor, { tenant_id: id, name = id }) {
    return answerTenant('create_tenant', await directory.tenants.managedBy(actor).create({ id, name }));
  },
});
