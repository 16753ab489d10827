/** The operations of the UserAuth module (seed 003), each written once: arguments, answer, scope, and what is said of it. */
import { z } from 'zod';
import type { Scope } from '../../../directory/index.ts';

const state = z.string().min(1).max(64).describe('From start_sign_in.');
const sessionId = z.string().min(1).max(200).describe('As list_sessions returns it.');
const userName = z.string().trim().min(1).max(256).describe('The userName of a person of this tenant.');
const token = z
  .string()
  .min(1)
  .max(4096)
  .describe('An access token or access key, without "Bearer". It is neither kept nor logged.');
const scope = z.enum(['scim:read', 'scim:write', 'scim:admin']);

const person = z
  .object({ sub: z.string(), user_name: z.string().optional(), name: z.string().optional(), email: z.string().optional() })
  .describe('Who it is; sub is TENANT/USER_ID, as in an ID token.');

const session = z
  .object({
    session_id: z.string(),
    client_id: z.string(),
    client_name: z.string(),
    registration: z.string(),
    account: z.string().optional().describe('Who allowed it; absent for an access key.'),
    scopes: z.array(scope),
    created: z.string().optional(),
    last_used: z.string().optional(),
    expires: z.string().optional(),
    current: z.boolean().describe('Whether this very call came with it.'),
  })
  .describe('A standing access: what a person has allowed a client, or an access key. It has no secret in it.');

const of = <Name extends string, Fields extends z.ZodRawShape>(operation: Name, fields: Fields) =>
  z.strictObject({ operation: z.literal(operation), ...fields });

const inputs = {
  authenticate: of('authenticate', {
    user_name: userName,
    password: z
      .string()
      .min(1)
      .max(1024)
      .describe('What the person typed. An empty one is never right. It is neither kept nor logged.'),
  }),
  check_permission: of('check_permission', {
    action: z.string().min(1).max(64).describe('A scope, such as scim:write, or the name of a tool of this server.'),
    subject: z
      .union([z.strictObject({ token }), z.strictObject({ user_name: userName })])
      .optional()
      .describe('Of whom it is asked; of yourself, if you leave it out.'),
    tenant_id: z.string().min(1).max(63).optional().describe('The tenant of your access; no other can be asked about.'),
  }),
  start_sign_in: of('start_sign_in', {}),
  finish_sign_in: of('finish_sign_in', {
    state,
    code: z
      .string()
      .trim()
      .min(1)
      .max(20)
      .optional()
      .describe('What the page shows to the person after signing in. Needed where your client cannot open pages itself.'),
  }),
  list_sessions: of('list_sessions', { user_name: userName.optional().describe('Only what this person has allowed.') }),
  revoke_session: of('revoke_session', { session_id: sessionId }),
  introspect_token: of('introspect_token', { token }),
} as const;

/** What `data` of `user-auth_execute_primary_operation` is. */
export const operationData = z.discriminatedUnion('operation', [
  inputs.authenticate,
  inputs.check_permission,
  inputs.start_sign_in,
  inputs.finish_sign_in,
  inputs.list_sessions,
  inputs.revoke_session,
  inputs.introspect_token,
]);
export type OperationData = z.infer<typeof operationData>;
export type OperationName = OperationData['operation'];

interface Operation {
  description: string;
  /** What the caller must have. */
  scope: Scope;
  /** Whether it changes anything, beside the audit log. */
  readOnly: boolean;
  output: z.ZodObject | z.ZodUnion<readonly z.ZodType[]>;
}

export const operations: Record<OperationName, Operation> = {
  authenticate: {
    description:
      'Checks the password of a person. A wrong one, a person without a password, who is inactive or not there, all look the same: AUTHENTICATION_FAILED. Five failures for a person, or twenty of a client in a minute, and it must wait.',
    // Who may write can set a password anyhow.
    scope: 'scim:write',
    readOnly: true,
    output: z.object({ authenticated: z.literal(true), user: person }),
  },
  check_permission: {
    description:
      'Tells whether you, who holds a token, or a person may do something in this tenant. A person may do what clients were allowed in their name.',
    scope: 'scim:read',
    readOnly: true,
    output: z.object({ allowed: z.boolean(), action: z.string(), requires: scope, tenant_id: z.string(), reason: z.string() }),
  },
  start_sign_in: {
    description:
      'Begins a sign-in of a person in the browser. Send the person to url, or let finish_sign_in do that; then call finish_sign_in with state. It ends after ten minutes.',
    scope: 'scim:read',
    readOnly: false,
    output: z.object({ state: z.string(), url: z.string(), expires: z.string() }),
  },
  finish_sign_in: {
    description:
      'Tells, once, who signed in; it gives no token. If your client can open pages, it sends the person there and waits; if not, send the code that the page shows to the person.',
    scope: 'scim:read',
    readOnly: false,
    output: z.object({ signed_in: z.literal(true), user: person }),
  },
  list_sessions: {
    description: 'Lists the standing accesses to this tenant: your own; with scim:admin those of everybody.',
    scope: 'scim:read',
    readOnly: true,
    output: z.object({ sessions: z.array(session), total: z.number() }),
  },
  revoke_session: {
    description:
      'Ends a standing access at once, with everything that runs under it: one of your own, or with scim:admin any of this tenant. To come back, it must be allowed or made anew.',
    scope: 'scim:read',
    readOnly: false,
    output: z.object({ revoked: z.literal(true), session }),
  },
  introspect_token: {
    description:
      'Tells what a token stands for (RFC 7662). One that is unknown, over, revoked or of another tenant is active: false, and nothing more is said.',
    scope: 'scim:read',
    readOnly: true,
    output: z.union([
      z.object({ active: z.literal(false) }),
      z.object({
        active: z.literal(true),
        scope: z.string(),
        client_id: z.string(),
        token_type: z.literal('Bearer'),
        sub: z.string(),
        aud: z.string(),
        iss: z.string(),
        tenant_id: z.string(),
        exp: z.number().optional().describe('Seconds since the epoch; absent where it does not end.'),
      }),
    ]),
  },
};

export const operationNames = Object.keys(operations) as OperationName[];

const toJson = (schema: z.ZodType, io: 'input' | 'output') => z.toJSONSchema(schema, { target: 'draft-2020-12', io });

/** Of each operation, what a caller needs to use it. */
export const operationSchemas = operationNames.map((name) => ({
  operation: name,
  description: operations[name].description,
  requires: operations[name].scope,
  read_only: operations[name].readOnly,
  input_schema: toJson(inputs[name], 'input'),
  output_schema: toJson(operations[name].output, 'output'),
}));

/** The operation that arguments of a call name; undefined for what is none. They may be of any form. */
export function operationOf(args: unknown): OperationName | undefined {
  const name = (args as { data?: { operation?: unknown } | null } | null | undefined)?.data?.operation;
  return operationNames.find((each) => each === name);
}
