import { z } from 'zod';
import type { Actor, Scope } from '../../../directory/index.ts';
import { Refusal } from '../../result.ts';
import type { Checked, UserAuth } from '../../user-auth.ts';
import { defineTool, type Call, type Tool } from '../tool.ts';
import { operationData, operationOf, operations, type OperationData } from './operations.ts';

const annotations: Tool['annotations'] = {
  // Some of its operations change something; one ends what cannot be brought back.
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: false,
};

/** @param scopeOf what the tool of a name needs; undefined if there is none. */
export function executePrimaryOperationWith(scopeOf: (tool: string) => Scope | undefined): Tool {
  return defineTool({
    name: 'user-auth_execute_primary_operation',
    title: 'Authenticate, check access, manage sessions',
    description:
      'Does one operation of the UserAuth module, which data.operation names: authenticate, check_permission, start_sign_in, finish_sign_in, list_sessions, revoke_session or introspect_token. user-auth_get_capabilities has the schema of each.',
    toolset: 'user-auth',
    scope: 'scim:read',
    scopeFor: (args) => operations[operationOf(args) ?? 'check_permission'].scope,
    annotations,
    input: { data: operationData },
    content: z.looseObject({ operation: z.string() }),
    async run({ directory, userAuth }, actor, { data }, call) {
      directory.tenants.allow(actor, operations[data.operation].scope);
      const content = await execute(userAuth, actor, data, call, scopeOf);
      return { content: { operation: data.operation, ...content }, metadata: { operation: 'execute_primary_operation' } };
    },
  });
}

async function execute(
  userAuth: UserAuth,
  actor: Actor,
  data: OperationData,
  call: Call,
  scopeOf: (tool: string) => Scope | undefined,
): Promise<object> {
  switch (data.operation) {
    case 'authenticate': {
      const user = personOf(await userAuth.authenticate(actor, data.user_name, data.password), wrongPassword);
      return { authenticated: true, user };
    }
    case 'check_permission': {
      const { action, subject, tenant_id } = data;
      if (tenant_id !== undefined && tenant_id !== actor.tenant)
        throw new Refusal({
          error: `This access is for the tenant '${actor.tenant}' only; leave tenant_id out, or ask with access to the other tenant.`,
          error_code: 'TENANT_MISMATCH',
        });
      const requires = isScope(action) ? action : scopeOf(action);
      if (requires === undefined)
        throw new Refusal({
          error: 'data.action: Give scim:read, scim:write, scim:admin, or the name of a tool of this server.',
          error_code: 'INVALID_ARGUMENTS',
          issues: [{ path: 'data.action', message: 'Is neither a scope nor a tool.' }],
        });
      const decided = await userAuth.checkPermission(actor, action, requires, subject);
      return { allowed: decided.allowed, action, requires, tenant_id: actor.tenant, reason: decided.reason };
    }
    case 'start_sign_in':
      return userAuth.startSignIn(actor);
    case 'finish_sign_in':
      return { signed_in: true, user: await finishSignIn(userAuth, actor, data, call) };
    case 'list_sessions': {
      const sessions = await userAuth.sessions(actor, call.access, data.user_name);
      return { sessions: sessions.slice(0, sessionsMax), total: sessions.length };
    }
    case 'revoke_session':
      return { revoked: true, session: await userAuth.revokeSession(actor, call.access, data.session_id) };
    case 'introspect_token':
      return userAuth.introspect(actor, data.token);
  }
}

const sessionsMax = 200;

/** Waits for the person where the client can send them to the page; where not, the code shows that it is the same person. */
async function finishSignIn(
  userAuth: UserAuth,
  actor: Actor,
  { state, code }: { state: string; code?: string | undefined },
  { person }: Call,
) {
  const url = userAuth.signInPage(actor, state);
  if (code === undefined) {
    if (!person.canVisit)
      throw new Refusal({
        error: `Your client cannot open pages. Let the person open ${url}, sign in, and tell you the code that the page shows then; call finish_sign_in again with state and code.`,
        error_code: 'CODE_NEEDED',
        url,
      });
    await person.visit({
      key: 'sign-in',
      message: `${actor.name} wants to know who you are. Sign in on the page that opens, then come back.`,
      url,
      outcome: (signal) => userAuth.signedIn(actor, state, signal),
    });
  }
  const finished = await userAuth.finishSignIn(actor, state, code);
  if (finished === undefined)
    throw new Refusal({
      error: `Nobody has signed in yet. Let the person open ${url} and sign in, then call finish_sign_in again.`,
      error_code: 'NO_ANSWER',
      url,
    });
  return personOf(finished, 'This is not the code that the page shows after signing in. Look again.');
}

const wrongPassword = 'This user name and password do not fit together.';

/** @throws Refusal AUTHENTICATION_FAILED, RATE_LIMITED. */
function personOf(checked: Checked, wrong: string) {
  if (checked.kind === 'in') return checked.person;
  if (checked.kind === 'wrong') throw new Refusal({ error: wrong, error_code: 'AUTHENTICATION_FAILED' });
  throw new Refusal({
    error: `Too many tries. Wait ${checked.seconds} seconds, then try again.`,
    error_code: 'RATE_LIMITED',
    retry_after_ms: checked.seconds * 1000,
  });
}

function isScope(text: string): text is Scope {
  return text === 'scim:read' || text === 'scim:write' || text === 'scim:admin';
}
