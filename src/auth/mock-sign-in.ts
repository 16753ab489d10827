import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { errors, type Provider } from 'oidc-provider';
import { z } from 'zod';
import type { Author, Directory } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { accountOf, reader } from './accounts.ts';
import { mockClientId, signInParameter } from './mock-client.ts';
import { choosePage, mockConsentPage } from './mock-pages.ts';
import { pageError, readForms, refuseForeign, send } from './page-forms.ts';
import { errorPage } from './pages.ts';

/** Sign-ins that the demonstration waits for; the room `demo` has them. */
export interface MockSignIns {
  /** @returns whose people can be chosen, and who wants to know; undefined for one that does not wait. */
  waiting(id: string): { tenant: string; askedBy: string } | undefined;
  /** Where a browser goes that was here too long: the sign-in may still wait. */
  againUrl: string;
}

/** What is shared of somebody. */
export interface Identity {
  sub: string;
  name: string;
  email?: string | undefined;
}

const shownMax = 8;
/** Of them those are shown who may sign in; a filter would look at everybody. */
const readMax = 50;

const formSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('choose'), user: z.string().min(1).max(128) }),
  z.object({ action: z.literal('allow'), user: z.string().min(1).max(128) }),
  z.object({ action: z.literal('deny') }),
]);

const searchSchema = z.object({ q: z.string().trim().max(100).default('') });

/**
 * The mock provider's pages, for the demonstration's own client alone: choose one of the people of the tenant that asks, with
 * no password, then agree to share who that is. All others sign in at the consent page.
 */
export function mockSignInRoutes(options: {
  provider: () => Provider;
  directory: Directory;
  signIns: MockSignIns;
  log: Log;
}): FastifyPluginAsync {
  const { provider, directory, signIns, log } = options;

  /** @throws errors.SessionNotFound if this browser did not begin this request, too long ago, or for another client. */
  const requestOf = async (request: FastifyRequest, reply: FastifyReply) => {
    const { uid, params } = await provider().interactionDetails(request.raw, reply.raw);
    const waiting = signIns.waiting(String(params[signInParameter]));
    if (uid !== (request.params as { uid: string }).uid || params['client_id'] !== mockClientId || !waiting)
      throw new errors.SessionNotFound('it does not wait');
    return { ...waiting, action: `/demo/sign-in/${encodeURIComponent(uid)}`, scope: String(params['scope']) };
  };
  type MockRequest = Awaited<ReturnType<typeof requestOf>>;

  const showPeople = async (reply: FastifyReply, { tenant, askedBy, action }: MockRequest, search: string, problem?: string) => {
    const { rows, total } = await directory.userSummaries(reader(tenant), { search, offset: 0, limit: readMax });
    const active = rows.filter((row) => row.active);
    const people = active.slice(0, shownMax).map(({ id, displayName, userName, title }) => ({
      id,
      name: displayName || userName,
      detail: [title, userName].filter(Boolean).join(' · '),
    }));
    return send(
      reply,
      choosePage({ action, askedBy, search, people, hasMore: active.length > shownMax || total > rows.length, problem }),
    );
  };

  /** What would be shared of somebody; undefined if there is nobody such. */
  const identityOf = async (tenant: string, user: string): Promise<Identity | undefined> => {
    const account = await accountOf(directory, `${tenant}/${user}`);
    if (!account) return undefined;
    const { sub, name, email } = (await account.claims('id_token', 'openid', {}, [])) as Record<string, string | undefined>;
    return { sub: sub ?? account.accountId, name: name ?? account.accountId, email };
  };

  return async (fastify) => {
    readForms(fastify);
    fastify.setErrorHandler((error, _request, reply) => {
      // Tandem was started again, or it took too long: what waits is asked for from its beginning.
      if (error instanceof errors.SessionNotFound) return reply.redirect(signIns.againUrl, 303);
      const { status, code, text } = pageError(error);
      if (status >= 500) log.error({ err: error }, 'a page of the mock sign-in failed');
      return send(reply.code(status), errorPage(code, text));
    });
    const base = '/demo/sign-in/:uid';
    fastify.get(base, async (request, reply) => {
      const found = await requestOf(request, reply);
      return showPeople(reply, found, searchSchema.parse(request.query).q);
    });
    fastify.post(base, async (request, reply) => {
      refuseForeign(request);
      const found = await requestOf(request, reply);
      const form = formSchema.parse(request.body);
      if (form.action === 'deny') {
        const denied = { error: 'access_denied', error_description: 'the person did not want to sign in' };
        return reply.redirect(await provider().interactionResult(request.raw, reply.raw, denied), 303);
      }
      const { tenant, askedBy, action, scope } = found;
      const identity = await identityOf(tenant, form.user);
      if (!identity) {
        const problem = 'This person is not here any more, or may not sign in. Choose somebody else.';
        return showPeople(reply.code(409), found, '', problem);
      }
      if (form.action === 'choose') return send(reply, mockConsentPage({ action, askedBy, user: form.user, identity }));
      const { sub, name } = identity;
      const by: Author = { id: sub, name, kind: 'person', door: 'window' };
      await directory.audit.record(
        { ...by, tenant },
        { kind: 'sign_in', event: 'signed_in', detail: { client: 'Tandem demonstration', account: sub } },
      );
      const grant = new (provider().Grant)({ accountId: sub, clientId: mockClientId });
      grant.addOIDCScope(scope);
      const result = { login: { accountId: sub, remember: false }, consent: { grantId: await grant.save() } };
      return reply.redirect(await provider().interactionResult(request.raw, reply.raw, result), 303);
    });
  };
}
