/** The arguments and contents that the tools about policy have in common. */
import { z } from 'zod';
import type { Actor, VersionedPolicy } from '../../directory/index.ts';
import type { Success } from './tool.ts';

export const policyContent = z
  .object({
    policy: z.looseObject({ allAgents: z.looseObject({}), clients: z.array(z.looseObject({ client: z.string() })) }),
    version: z.string().describe('Raw version of this policy.'),
  })
  .describe('The policy of the tenant, with all its defaults.');

/** The answer of a tool about the policy of the actor's tenant. */
export function answerPolicy(operation: string, actor: Actor, { policy, version }: VersionedPolicy): Success {
  return { content: { policy, version }, metadata: { operation, resource_type: 'Tenant', resource_id: actor.tenant } };
}
