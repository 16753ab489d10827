import { z } from 'zod';
import { defineTool, looks } from '../tool.ts';
import { capabilitiesFor } from './capabilities.ts';

export const getCapabilities = defineTool({
  name: 'user-auth_get_capabilities',
  title: 'What UserAuth can do',
  description:
    'Says what the UserAuth module can do for you: each operation of user-auth_execute_primary_operation with its JSON schemas, whether your access allows it, and in which tenant. Call it first.',
  toolset: 'user-auth',
  scope: 'scim:read',
  annotations: looks,
  input: {},
  content: z.looseObject({
    module: z.string(),
    context: z.looseObject({ tenant_id: z.string(), scopes: z.array(z.string()) }),
    operations: z.array(z.looseObject({ operation: z.string(), requires: z.string(), allowed: z.boolean() })),
  }),
  async run({ directory, version }, actor) {
    directory.tenants.allow(actor, 'scim:read');
    return { content: capabilitiesFor(actor, version), metadata: { operation: 'get_capabilities' } };
  },
});
