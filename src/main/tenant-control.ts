import { z } from 'zod';
import { callLimitsSchema, commandLine, toolsets, type Directory, type Tenant } from '../directory/index.ts';

const change = z.object({
  id: z.string(),
  name: z.string().optional(),
  state: z.enum(['active', 'suspended']).optional(),
  settings: z
    .object({
      strict: z.boolean().optional(),
      requireVersion: z.boolean().optional(),
      toolsets: z.array(z.enum(toolsets)).nullable().optional(),
      limits: callLimitsSchema.optional(),
    })
    .optional(),
});

/** What the command line may ask of the host about tenants (control.ts). */
export const tenantRequests = {
  'tenant-list': { input: z.object({}), output: z.custom<Tenant[]>() },
  'tenant-add': { input: z.object({ id: z.string(), name: z.string() }), output: z.custom<Tenant>() },
  'tenant-update': { input: change, output: z.custom<Tenant>() },
  'tenant-delete': { input: z.object({ id: z.string() }), output: z.object({}) },
};
type TenantRequests = typeof tenantRequests;
type TenantHandlers = {
  [N in keyof TenantRequests]: (input: z.infer<TenantRequests[N]['input']>) => Promise<z.infer<TenantRequests[N]['output']>>;
};

/** What a host does for `tandem tenant`, and what that does itself where no host runs. */
export function tenantHandlers({ tenants }: Directory): TenantHandlers {
  return {
    'tenant-list': async () => tenants.list(),
    'tenant-add': (input) => tenants.create(input, commandLine),
    'tenant-update': ({ id, ...changes }) => tenants.update(id, changes, commandLine),
    async 'tenant-delete'({ id }) {
      await tenants.delete(id, commandLine);
      return {};
    },
  };
}
