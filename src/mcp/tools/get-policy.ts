import { answerPolicy, policyContent } from './policy-fields.ts';
import { defineTool, looks } from './tool.ts';

export const getPolicy = defineTool({
  name: 'scim_get_policy',
  title: 'Get the policy',
  description:
    "Returns the policy of this access's tenant: what AI agents and provisioning clients may do without a person, what a person must approve, and what is refused; with its version, for scim_update_policy.",
  toolset: 'administration',
  scope: 'scim:admin',
  annotations: looks,
  input: {},
  content: policyContent,
  async run({ directory }, actor) {
    // Whoever reads may know it; the tool is one of an administrator's.
    directory.tenants.allow(actor, 'scim:admin');
    return answerPolicy('get_policy', actor, directory.policy.get(actor));
  },
});
