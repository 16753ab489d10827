import { z } from 'zod';
import { tenant, toTenant } from './tenant-fields.ts';
import { defineTool, looks } from './tool.ts';

export const listTenants = defineTool({
  name: 'scim_list_tenants',
  title: 'List tenants',
  description:
    'Lists the tenants that this access manages, oldest first: all of them in the tenant default, its own alone in any other. Says nothing of the people in them.',
  toolset: 'administration',
  scope: 'scim:admin',
  annotations: looks,
  input: {},
  content: z.array(tenant),
  async run({ directory }, actor) {
    const content = directory.tenants.managedBy(actor).list().map(toTenant);
    return { content, metadata: { operation: 'list_tenants', total_results: content.length } };
  },
});
