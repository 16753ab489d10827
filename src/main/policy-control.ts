import { z } from 'zod';
import {
  commandLine,
  escalationStates,
  type Actor,
  type Decided,
  type Directory,
  type DryRun,
  type EscalationPage,
  type VersionedPolicy,
} from '../directory/index.ts';

const tenant = z.string();

/** What the command line may ask of the host about policy and the inbox (control.ts). */
export const policyRequests = {
  'policy-get': { input: z.object({ tenant }), output: z.custom<VersionedPolicy>() },
  'policy-set': {
    input: z.object({ tenant, policy: z.unknown(), expectedVersion: z.string().optional() }),
    output: z.custom<VersionedPolicy>(),
  },
  'policy-dry-run': {
    input: z.object({ tenant, policy: z.unknown().optional(), count: z.number() }),
    output: z.custom<DryRun>(),
  },
  'inbox-list': {
    input: z.object({ tenant, state: z.enum(escalationStates).optional(), cursor: z.string().optional(), limit: z.number() }),
    output: z.custom<EscalationPage>(),
  },
  'inbox-decide': {
    input: z.object({ tenant, id: z.string(), approve: z.boolean(), reason: z.string().optional() }),
    output: z.custom<Decided>(),
  },
};
type PolicyRequests = typeof policyRequests;
type PolicyHandlers = {
  [N in keyof PolicyRequests]: (input: z.infer<PolicyRequests[N]['input']>) => Promise<z.infer<PolicyRequests[N]['output']>>;
};

/** What a host does for `tandem policy` and `tandem inbox`, and what they do themselves where no host runs. */
export function policyHandlers({ policy, escalations }: Directory): PolicyHandlers {
  return {
    'policy-get': async (input) => policy.get(administrator(input.tenant)),
    'policy-set': async ({ tenant, policy: proposal, expectedVersion }) => {
      const actor = administrator(tenant);
      return policy.update(actor, proposal, expectedVersion ?? policy.get(actor).version);
    },
    'policy-dry-run': ({ tenant, policy: proposal, count }) => policy.dryRun(administrator(tenant), proposal, count),
    'inbox-list': ({ tenant, ...query }) => escalations.list(administrator(tenant), { ...query, to: 'people' }),
    'inbox-decide': ({ tenant, id, ...decision }) => escalations.decide(administrator(tenant), id, decision),
  };
}

/** Whoever can read the data folder may decide what the window may. */
export function administrator(tenant: string): Actor {
  return { ...commandLine, tenant, scopes: ['scim:admin'] };
}
