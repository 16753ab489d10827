import { isAllowed, type Actor } from '../../../directory/index.ts';
import { moduleCodes } from '../../rpc-error.ts';
import { userAuthPrompts, userAuthResources } from '../../user-auth-names.ts';
import { operationSchemas } from './operations.ts';

/** What the module can do, and for this caller (seed 003): also what the resource `mcp://user-auth/capabilities` says. */
export function capabilitiesFor(actor: Actor, version: string) {
  return {
    module: 'UserAuth',
    version,
    domain: 'authentication',
    context: { acting_as: actor.name, client_id: actor.id, tenant_id: actor.tenant, scopes: [...actor.scopes] },
    operations: operationSchemas.map((each) => ({ ...each, allowed: isAllowed(actor, each.requires) })),
    resources: Object.values(userAuthResources),
    prompts: Object.values(userAuthPrompts),
    error_codes: moduleCodes,
  };
}
