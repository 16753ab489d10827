import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { errors, type Provider } from 'oidc-provider';
import { z } from 'zod';
import { DirectoryError, type Directory, type Scope } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { administratorAccount, demoAccount } from './accounts.ts';
import type { ApprovalRequest, Auth } from './auth.ts';
import { consentPage, errorPage, type HtmlPage } from './pages.ts';
import { lifetimes } from './provider.ts';
import type { AuthStore } from './store.ts';

const pendingMax = 50;
const triesPerRequest = 5;
const triesPerMinute = 20;
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** A request that waits for a person, and what that person decided. */
interface Pending {
  request: ApprovalRequest;
  expires: number;
  tries: number;
  decision?: { approve: boolean; tenant: string; account: string };
}

/**
 * Consent: each authorization waits until the administrator decides in the window, or on its page in a browser with the
 * sign-in code.
 */
export class Consent {
  /** New at each start: two groups of four characters that cannot be mistaken for each other. */
  readonly signInCode = [0, 1]
    .map(() => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join(''))
    .join('-');
  readonly #provider: Provider;
  readonly #store: AuthStore;
  readonly #directory: Directory;
  readonly #log: Log;
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Set<() => void>();
  #recentTries: number[] = [];
  #expiry: NodeJS.Timeout | undefined;

  constructor(options: { provider: Provider; store: AuthStore; directory: Directory; log: Log }) {
    this.#provider = options.provider;
    this.#store = options.store;
    this.#directory = options.directory;
    this.#log = options.log;
  }

  readonly approvals: Auth['approvals'] = {
    pending: () => [...this.#pending.values()].filter(({ decision }) => !decision).map(({ request }) => request),
    decide: async (id, { approve, tenant }) => {
      const pending = this.#pending.get(id);
      if (!pending || pending.decision) return false;
      await this.#decide(pending, { approve, tenant, account: administratorAccount });
      return true;
    },
    onChange: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  async #decide(pending: Pending, decision: NonNullable<Pending['decision']>): Promise<void> {
    const tenants = await this.#directory.tenants();
    if (decision.approve && !tenants.some(({ id }) => id === decision.tenant))
      throw new DirectoryError('INVALID_ARGUMENT', 'tenant: There is no such tenant.', {
        issues: [{ path: 'tenant', message: 'There is no such tenant.' }],
      });
    pending.decision = decision;
    this.#log.info(
      { client: pending.request.clientName, approve: decision.approve, tenant: decision.tenant },
      'access was decided',
    );
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The pages of consent; the provider sends browsers here. */
  readonly routes: FastifyPluginAsync = async (fastify) => {
    fastify.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 10_000 },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    fastify.setErrorHandler((error, request, reply) => {
      if (!(error instanceof errors.SessionNotFound)) request.log.error({ err: error }, 'a consent page failed');
      const text = 'This sign-in took too long, or belongs to another browser.';
      return send(reply.code(400), errorPage('session_not_found', text));
    });
    const base = '/oauth/interaction/:uid';
    fastify.get(base, async (request, reply) => this.#show(reply, await this.#open(request, reply)));
    fastify.get(`${base}/state`, async (request, reply) => {
      const { uid } = await this.#provider.interactionDetails(request.raw, reply.raw);
      return { decided: this.#pending.get(uid)?.decision !== undefined };
    });
    fastify.get(`${base}/finish`, async (request, reply) => this.#finish(request, reply));
    fastify.post(base, async (request, reply) => {
      const pending = await this.#open(request, reply);
      const form = formSchema.parse(request.body);
      const problem = await this.#answer(pending, form);
      return problem === undefined ? this.#finish(request, reply) : this.#show(reply.code(problem.status), pending, problem.text);
    });
  };

  async #answer(pending: Pending, form: z.infer<typeof formSchema>): Promise<{ status: number; text: string } | undefined> {
    if (form.action === 'deny') {
      await this.#decide(pending, { approve: false, tenant: '', account: administratorAccount });
      return undefined;
    }
    if (form.action === 'demo') {
      const tenants = await this.#directory.tenants();
      const open = tenants.some(({ id, sample }) => sample && id === form.tenant);
      const account = open ? await demoAccount(this.#directory, form.tenant, form.user.trim()) : undefined;
      if (account === undefined) return { status: 403, text: 'No active person of a sample company has this user name.' };
      await this.#decide(pending, { approve: true, tenant: form.tenant, account });
      return undefined;
    }
    const now = Date.now();
    this.#recentTries = [...this.#recentTries.filter((at) => at > now - 60_000), now];
    if (++pending.tries > triesPerRequest || this.#recentTries.length > triesPerMinute) {
      this.#log.warn({ client: pending.request.clientName }, 'too many wrong sign-in codes');
      return { status: 429, text: 'Too many wrong codes. Allow it in the window of Tandem, or connect again in a minute.' };
    }
    if (!sameCode(form.code, this.signInCode)) {
      this.#log.warn({ client: pending.request.clientName }, 'a wrong sign-in code was given');
      return { status: 403, text: 'This is not the sign-in code. Check it and try again.' };
    }
    await this.#decide(pending, { approve: true, tenant: form.tenant, account: administratorAccount });
    return undefined;
  }

  /** Finds the request of a browser's interaction, and lets the window know of it when it is new. */
  async #open(request: FastifyRequest, reply: FastifyReply): Promise<Pending> {
    const { uid, params } = await this.#provider.interactionDetails(request.raw, reply.raw);
    const existing = this.#pending.get(uid);
    if (existing) return existing;
    const client = await this.#provider.Client.find(String(params['client_id']));
    const redirect = new URL(String(params['redirect_uri']));
    const asked = String(params['scope'] ?? '').split(' ');
    const pending: Pending = {
      request: {
        id: uid,
        clientName: client?.clientName ?? 'Unnamed client',
        redirectHost: /^https?:$/.test(redirect.protocol) ? redirect.hostname : redirect.protocol.replace(':', ''),
        scopes: grantable.filter((scope) => asked.includes(scope)),
        requestedAt: new Date().toISOString(),
      },
      expires: Date.now() + lifetimes.interaction * 1000,
      tries: 0,
    };
    for (const id of this.#pending.keys()) {
      if (this.#pending.size < pendingMax) break;
      this.#pending.delete(id);
    }
    this.#pending.set(uid, pending);
    this.#scheduleExpiry();
    this.#changed();
    return pending;
  }

  #scheduleExpiry(): void {
    this.#expiry ??= setInterval(() => {
      for (const [id, { expires }] of this.#pending) if (expires < Date.now()) this.#pending.delete(id);
      this.#changed();
      if (this.#pending.size > 0) return;
      clearInterval(this.#expiry);
      this.#expiry = undefined;
    }, 10_000).unref();
  }

  async #show(reply: FastifyReply, { request }: Pending, problem?: string): Promise<FastifyReply> {
    const tenants = await this.#directory.tenants();
    return send(reply, consentPage({ uid: request.id, ...request, tenants, problem }));
  }

  /** Hands the decision to the provider, which sends the browser back to the client. */
  async #finish(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { uid, params } = await this.#provider.interactionDetails(request.raw, reply.raw);
    const pending = this.#pending.get(uid);
    if (!pending?.decision) return this.#show(reply, await this.#open(request, reply));
    const { approve, tenant, account } = pending.decision;
    this.#pending.delete(uid);
    reply.hijack();
    if (!approve) {
      const denied = { error: 'access_denied', error_description: 'the administrator denied it' };
      return this.#provider.interactionFinished(request.raw, reply.raw, denied);
    }
    const clientId = String(params['client_id']);
    const scopes = pending.request.scopes;
    const grant = new this.#provider.Grant({ accountId: account, clientId });
    grant.addOIDCScope(String(params['scope'] ?? ''));
    for (const resource of [params['resource']].flat()) grant.addResourceScope(String(resource), scopes.join(' '));
    const grantId = await grant.save();
    await this.#store.addGrant(grantId, { tenant, clientId, clientName: pending.request.clientName });
    return this.#provider.interactionFinished(request.raw, reply.raw, {
      login: { accountId: account, remember: false },
      consent: { grantId },
    });
  }

  close(): void {
    clearInterval(this.#expiry);
    this.#listeners.clear();
  }
}

/** What a client that registered itself can be given. */
const grantable: readonly Scope[] = ['scim:read', 'scim:write'];

const formSchema = z.object({
  action: z.enum(['allow', 'deny', 'demo']),
  code: z.string().max(40).default(''),
  tenant: z.string().max(63).default(''),
  user: z.string().max(256).default(''),
});

function sameCode(given: string, code: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text.toUpperCase().replaceAll(/[\s-]/g, '')).digest();
  return timingSafeEqual(digest(given), digest(code));
}

function send(reply: FastifyReply, { html, headers }: HtmlPage): FastifyReply {
  return reply.headers(headers).send(html);
}
