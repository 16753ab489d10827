import { z } from 'zod';
import type { DryRun, VersionedPolicy } from '../directory/index.ts';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

/** What software may do in a tenant without a person. The directory checks a policy (docs/policy.md). */
const policyInput = z.record(z.string(), z.unknown());

export const policy = router({
  /** The policy in force, with all its defaults, and the version that a change of it is made for. */
  get: procedure
    .input(z.object({ tenant }))
    .query(({ ctx, input }): VersionedPolicy => ctx.directory.policy.get(ctx.administrator(input.tenant))),

  update: procedure
    .input(z.object({ tenant, policy: policyInput, expectedVersion: z.string().max(128) }))
    .mutation(({ ctx, input }): Promise<VersionedPolicy> =>
      ctx.directory.policy.update(ctx.administrator(input.tenant), input.policy, input.expectedVersion),
    ),

  /** What a policy, or without one the one in force, would have done to the last changes. */
  dryRun: procedure
    .input(z.object({ tenant, policy: policyInput.optional(), count: z.int().min(1).max(1000).default(100) }))
    .query(({ ctx, input }): Promise<DryRun> =>
      ctx.directory.policy.dryRun(ctx.administrator(input.tenant), input.policy, input.count),
    ),
});
