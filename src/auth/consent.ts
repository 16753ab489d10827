import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { errors, type Provider } from 'oidc-provider';
import { z } from 'zod';
import { nameOf, type Author, type Directory, type Scope } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { administratorAccount, reader } from './accounts.ts';
import type { Agents } from './agents.ts';
import { administrator, type Approvals, type Decision, type Pending } from './approvals.ts';
import { identityScopes } from './claims.ts';
import type { ClientRegistry } from './clients.ts';
import { pageError, readForms, refuseForeign, send } from './page-forms.ts';
import type { PersonSignIn } from './person-sign-in.ts';
import { allowPage, errorPage, signInPage } from './pages.ts';
import { sameText, type SignInCode } from './sign-in-code.ts';
import type { AuthStore } from './store.ts';

/** What a client that registered itself can be given. */
const grantable: readonly Scope[] = ['scim:read', 'scim:write', 'scim:admin'];
/** What only the administrator can give, never a demo sign-in. */
const administration: Scope = 'scim:admin';

const formSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('sign-in'), code: z.string().max(40) }),
  z.object({ action: z.literal('allow'), ticket: z.string().max(100), tenant: z.string().max(63) }),
  z.object({
    action: z.literal('person'),
    tenant: z.string().max(63),
    user: z.string().max(256),
    password: z.string().max(1024),
  }),
  z.object({ action: z.literal('demo'), tenant: z.string().max(63), user: z.string().max(256) }),
  z.object({ action: z.literal('deny') }),
]);
type Form = z.infer<typeof formSchema>;
type PersonForm = Extract<Form, { action: 'person' | 'demo' }>;

/** Who sends a form and has not shown who it is. */
const somebody: Author = { id: 'browser', name: 'Somebody in a browser', kind: 'person', door: 'window' };

/** What to show when a form was not enough: a page, and the status that says why. */
interface Again {
  status: number;
  problem?: string;
  demoProblem?: string;
  personProblem?: string;
  signedIn?: boolean;
  /** After how many seconds it may be tried again. */
  wait?: number;
}

/**
 * The pages on which an authorization waits for a person. The administrator decides in the window, or here, after signing
 * in with the code. A person of the directory can sign in with a password, to tell an app who they are; in sample tenants,
 * anybody can sign in as a person of the sample.
 */
export function consentRoutes(options: {
  /** The one of now: with new keys there is a new one. */
  provider: () => Provider;
  store: AuthStore;
  directory: Directory;
  clients: ClientRegistry;
  agents: Agents;
  persons: PersonSignIn;
  approvals: Approvals;
  signInCode: SignInCode;
  log: Log;
}): FastifyPluginAsync {
  const { provider, store, directory, clients, agents, persons, approvals, signInCode, log } = options;

  /** @throws errors.SessionNotFound if this browser did not begin this request, or too long ago. */
  const interactionOf = async (request: FastifyRequest, reply: FastifyReply) => {
    const interaction = await provider().interactionDetails(request.raw, reply.raw);
    const { uid } = request.params as { uid: string };
    if (interaction.uid !== uid) throw new errors.SessionNotFound('the cookie is of another request');
    return interaction;
  };

  /** Finds the request of a browser; the window learns of it when it is new. */
  const pendingOf = async (request: FastifyRequest, reply: FastifyReply): Promise<Pending> => {
    const { uid, params, exp } = await interactionOf(request, reply);
    const existing = approvals.get(uid);
    if (existing) return existing;
    const clientId = String(params['client_id']);
    const client = await provider().Client.find(clientId);
    // On another device there is no address to which the answer goes.
    const redirect = typeof params['redirect_uri'] === 'string' ? new URL(params['redirect_uri']) : undefined;
    const asked = scopeOf(params).split(' ');
    const scopes = grantable.filter((scope) => asked.includes(scope));
    return approvals.add(
      {
        id: uid,
        clientName: clients.nameOf(clientId, client?.clientName ?? 'Unnamed client'),
        redirectHost: redirect ? (/^https?:$/.test(redirect.protocol) ? redirect.hostname : redirect.protocol) : '',
        onDevice: redirect === undefined,
        scopes,
        identity: identityScopes.filter((scope) => asked.includes(scope)),
        remembered: rememberedOf(store, clientId, scopes),
        requestedAt: new Date().toISOString(),
      },
      clientId,
      exp * 1000,
    );
  };

  const show = async (reply: FastifyReply, pending: Pending, again: Again = { status: 200 }) => {
    const tenants = directory.tenants.list();
    const { request, ticket } = pending;
    const page = again.signedIn
      ? allowPage({ request, ticket, tenants, problem: again.problem })
      : signInPage({ request, sampleTenants: persons.demoTenants(), ...again });
    if (again.wait !== undefined) reply.header('retry-after', String(again.wait));
    return send(reply.code(again.status), page);
  };

  const tell = (by: Author, tenant: string, event: string, { request }: Pending, account?: string) => {
    const detail = { client: request.clientName, redirectHost: request.redirectHost, account };
    return directory.audit.record({ ...by, tenant }, { kind: 'sign_in', event, detail });
  };

  const signIn = async (pending: Pending, code: string): Promise<Again> => {
    const client = pending.request.clientName;
    const result = signInCode.check(code, pending);
    if (result === 'right') {
      await tell(administrator, 'default', 'signed_in', pending);
      return { status: 200, signedIn: true };
    }
    void tell(somebody, 'default', result === 'wrong' ? 'wrong_code' : 'too_many_codes', pending);
    log.warn({ client }, result === 'wrong' ? 'a wrong sign-in code was given' : 'too many wrong sign-in codes');
    return result === 'wrong'
      ? { status: 403, problem: 'This is not the sign-in code. Look it up in Tandem and try again.' }
      : { status: 429, problem: "Too many wrong codes. Allow this in Tandem's window, or connect again after a minute." };
  };

  /** What a person who has shown who they are gives: of the directory itself only a demonstration does. */
  const signInPerson = async (pending: Pending, form: PersonForm, from: string): Promise<Decision | Again> => {
    const isDemo = form.action === 'demo';
    const user = form.user.trim();
    const { identity, scopes } = pending.request;
    if (!isDemo && scopes.length > 0 && identity.length === 0)
      return { status: 403, personProblem: 'Only the administrator can give access to the directory.' };
    const result = isDemo
      ? await persons.asDemo(form.tenant, user, from)
      : await persons.withPassword(form.tenant, user, form.password, from);
    // Nobody learns from the log of a tenant's own administrators which other tenants there are.
    const tenant = directory.tenants.exists(form.tenant) ? form.tenant : 'default';
    if (result.kind === 'in') {
      await tell({ ...somebody, id: result.account, name: user }, tenant, 'signed_in', pending, result.account);
      return { approve: true, tenant, account: result.account, ...(isDemo && { demo: true }) };
    }
    const client = pending.request.clientName;
    if (result.kind === 'wrong') {
      void tell(somebody, tenant, isDemo ? 'unknown_person' : 'wrong_password', pending, user);
      log.warn({ client, tenant }, 'a person could not sign in');
      return isDemo
        ? { status: 403, demoProblem: 'No active person of a sample company who has no password has this user name.' }
        : { status: 403, personProblem: 'This organisation, user name and password do not fit together. Try again.' };
    }
    void tell(somebody, tenant, 'too_many_tries', pending, user);
    log.warn({ client, tenant, by: result.by }, 'a sign-in was refused after too many tries');
    const problem = `Too many tries. Wait ${waitWords(result.seconds)}, then try again.`;
    return { status: 429, wait: result.seconds, ...(isDemo ? { demoProblem: problem } : { personProblem: problem }) };
  };

  const answer = async (pending: Pending, form: Form, from: string): Promise<Decision | Again> => {
    switch (form.action) {
      case 'deny':
        return { approve: false, tenant: '', account: administratorAccount };
      case 'sign-in':
        return signIn(pending, form.code);
      case 'allow': {
        if (!sameText(form.ticket, pending.ticket)) return { status: 403, problem: 'Sign in with the code first.' };
        const tenants = directory.tenants.list();
        if (!tenants.some(({ id }) => id === form.tenant))
          return { status: 400, signedIn: true, problem: 'Choose one of these tenants.' };
        return { approve: true, tenant: form.tenant, account: administratorAccount };
      }
      case 'person':
      case 'demo':
        return signInPerson(pending, form, from);
    }
  };

  /** Who a person of a tenant is, as the author of what they let in. */
  const personOf = async (tenant: string, account: string): Promise<Pick<Author, 'id' | 'name'>> => {
    const id = account.slice(tenant.length + 1);
    const { resource } = await directory.get(reader(tenant), 'User', id);
    return { id, name: nameOf(resource) };
  };

  /** Hands the decision to the provider. @returns where the browser goes with it. */
  const conclude = async (
    request: FastifyRequest,
    reply: FastifyReply,
    pending: Pending,
    { approve, tenant, account, demo }: Decision,
  ): Promise<string> => {
    if (!approve)
      return provider().interactionResult(request.raw, reply.raw, {
        error: 'access_denied',
        error_description: 'the administrator denied it',
      });
    const { params } = await interactionOf(request, reply);
    const clientId = String(params['client_id']);
    const grant = new (provider().Grant)({ accountId: account, clientId });
    grant.addOIDCScope(scopeOf(params));
    const { scopes } = pending.request;
    const given = account === administratorAccount ? scopes : demo ? scopes.filter((scope) => scope !== administration) : [];
    const refused = scopes.filter((scope) => !given.includes(scope));
    for (const resource of [params['resource']].flat()) {
      if (typeof resource !== 'string') continue;
      grant.addResourceScope(resource, given.join(' '));
      // What is not given must be refused, or the provider would ask for it again.
      if (refused.length > 0) grant.rejectResourceScope(resource, refused.join(' '));
    }
    if (given.length > 0) {
      const { clientName: name } = pending.request;
      const ownName = (await provider().Client.find(clientId))?.clientName ?? name;
      const by = account === administratorAccount ? administrator : { ...administrator, ...(await personOf(tenant, account)) };
      await agents.admit({ tenant, clientId, name, ownName, kind: 'AI client', account }, by);
    }
    const grantId = await grant.save();
    if (account === administratorAccount) clients.widened(clientId, given);
    await store.addGrant(grantId, { tenant, clientId, clientName: pending.request.clientName, account, scopes: given });
    return provider().interactionResult(request.raw, reply.raw, {
      login: { accountId: account, remember: false },
      consent: { grantId },
    });
  };

  const finish = async (request: FastifyRequest, reply: FastifyReply, pending: Pending) => {
    if (!pending.decision) return show(reply, pending);
    pending.outcome ??= conclude(request, reply, pending, pending.decision).catch((error: unknown) => {
      delete pending.outcome;
      throw error;
    });
    return reply.redirect(await pending.outcome, 303);
  };

  return async (fastify) => {
    readForms(fastify);
    fastify.setErrorHandler((error, _request, reply) => {
      const { status, code, text } = pageError(error);
      if (status >= 500) log.error({ err: error }, 'a consent page failed');
      return send(reply.code(status), errorPage(code, text));
    });
    const base = '/oauth/interaction/:uid';
    fastify.get(base, async (request, reply) => finish(request, reply, await pendingOf(request, reply)));
    fastify.get(
      `${base}/state`,
      {
        errorHandler: (error, _request, reply) => {
          void reply.code(pageError(error).status).send({ error: pageError(error).code });
        },
      },
      async (request, reply) => {
        const { uid } = await interactionOf(request, reply);
        return { decided: approvals.get(uid)?.decision !== undefined };
      },
    );
    fastify.post(base, async (request, reply) => {
      refuseForeign(request);
      const pending = await pendingOf(request, reply);
      if (pending.decision) return finish(request, reply, pending);
      const result = await answer(pending, formSchema.parse(request.body), request.ip);
      if ('status' in result) return show(reply, pending, result);
      const problem = approvals.problemOf(pending, result);
      if (problem !== undefined) {
        const isAdministrator = result.account === administratorAccount;
        return show(reply, pending, {
          status: 409,
          ...(isAdministrator ? { signedIn: true, problem } : { personProblem: problem }),
        });
      }
      await approvals.decide(pending, result);
      return finish(request, reply, pending);
    });
  };
}

/** Where the administrator has given a client as much before, and when: the newest of the grants that are in force. */
function rememberedOf(store: AuthStore, clientId: string, scopes: readonly Scope[]): { tenant: string; at: string } | undefined {
  const given = store
    .grants()
    .map(([, grant]) => grant)
    .findLast(
      (grant) =>
        grant.clientId === clientId &&
        grant.account === administratorAccount &&
        scopes.every((scope) => grant.scopes.includes(scope)),
    );
  return given && { tenant: given.tenant, at: given.created };
}

function waitWords(seconds: number): string {
  if (seconds <= 1) return 'a second';
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

function scopeOf({ scope }: Record<string, unknown>): string {
  return typeof scope === 'string' ? scope : '';
}
