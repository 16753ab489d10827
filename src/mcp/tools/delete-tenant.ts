import { z } from 'zod';
import { invalidArgument } from '../result.ts';
import { managedTenantId } from './tenant-fields.ts';
import { defineTool } from './tool.ts';

export const deleteTenant = defineTool({
  name: 'scim_delete_tenant',
  title: 'Delete a tenant',
  description:
    'Deletes a tenant with everyone in it, their history, and every access to it. There is no way back. The tenant default cannot be deleted. ' +
    'Tell the person you work for which tenant it is and how many are in it, and do it only if they say so.',
  toolset: 'administration',
  scope: 'scim:admin',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  type: 'Tenant',
  input: { tenant_id: managedTenantId, confirm: z.string().max(63).describe("The tenant's id once more.") },
  content: z.object({ status: z.literal('deleted'), tenant_id: z.string() }),
  async run({ directory }, actor, { tenant_id, confirm }) {
    if (confirm !== tenant_id) throw invalidArgument('confirm', 'Send the id of the tenant once more.');
    await directory.tenants.managedBy(actor).delete(tenant_id);
    return {
      content: { status: 'deleted', tenant_id },
      metadata: { operation: 'delete_tenant', resource_type: 'Tenant', resource_id: tenant_id },
    };
  },
});
