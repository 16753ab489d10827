import { DirectoryError, isAllowed, type Actor, type Directory, type Scope } from '../directory/index.ts';
import { accountOf, findUser } from './accounts.ts';
import type { ConnectedClient, Principal } from './auth.ts';
import type { ClientRegistry } from './clients.ts';
import type { PersonSignIn } from './person-sign-in.ts';
import type { Standing } from './standing.ts';
import type { AuthStore } from './store.ts';
import { UserSignIns, type UserSignIn } from './user-sign-ins.ts';

/** Who a person is, as their ID token would say it. */
interface SignedInPerson {
  sub: string;
  user_name?: string | undefined;
  name?: string | undefined;
  email?: string | undefined;
}

type Checked = { kind: 'in'; person: SignedInPerson } | { kind: 'wrong' } | { kind: 'locked'; seconds: number };

interface Session {
  session_id: string;
  client_id: string;
  client_name: string;
  registration: string;
  account?: string | undefined;
  scopes: readonly Scope[];
  created?: string | undefined;
  last_used?: string | undefined;
  expires?: string | undefined;
  current: boolean;
}

const grantPrefix = 'grant:';

/**
 * The UserAuth module (seed 003; decision 0027): who may come in and what they may do, for clients with access to a tenant, and
 * about that tenant alone. Passwords and tokens are neither kept nor logged; no answer has a secret in it.
 */
export class UserAuthModule {
  readonly signIns = new UserSignIns();
  readonly #origin: string;
  readonly #directory: Directory;
  readonly #store: AuthStore;
  readonly #clients: ClientRegistry;
  readonly #standing: Standing;
  readonly #persons: PersonSignIn;
  readonly #principalOf: (token: string) => Promise<Principal | undefined>;

  constructor(options: {
    origin: string;
    directory: Directory;
    store: AuthStore;
    clients: ClientRegistry;
    standing: Standing;
    persons: PersonSignIn;
    principalOf: (token: string) => Promise<Principal | undefined>;
  }) {
    this.#origin = options.origin;
    this.#directory = options.directory;
    this.#store = options.store;
    this.#clients = options.clients;
    this.#standing = options.standing;
    this.#persons = options.persons;
    this.#principalOf = options.principalOf;
  }

  async authenticate(by: Actor, userName: string, password: string): Promise<Checked> {
    this.#directory.tenants.allow(by, 'scim:write');
    // Failures are counted together with those of the sign-in pages, or each way would give its own tries.
    const result = await this.#persons.withPassword(by.tenant, userName, password, `client ${by.tenant} ${by.id}`);
    const event = { in: 'password_checked', wrong: 'wrong_password', locked: 'too_many_tries' }[result.kind];
    await this.#directory.audit.record(by, { kind: 'sign_in', event, detail: { account: userName, through: 'user-auth' } });
    if (result.kind === 'in') return this.#personOf(result.account);
    return result.kind === 'wrong' ? result : { kind: 'locked', seconds: result.seconds };
  }

  /** Whoever is gone or inactive by now is nobody. */
  async #personOf(account: string): Promise<Checked> {
    const found = await accountOf(this.#directory, account);
    if (!found) return { kind: 'wrong' };
    const claims = (await found.claims('id_token', 'openid', {}, [])) as Record<string, string | undefined>;
    const { preferred_username: user_name, name, email } = claims;
    return { kind: 'in', person: { sub: account, user_name, name, email } };
  }

  async checkPermission(
    by: Actor,
    action: string,
    scope: Scope,
    subject: { token: string } | { user_name: string } | undefined,
  ): Promise<{ allowed: boolean; reason: string }> {
    this.#directory.tenants.allow(by, 'scim:read');
    const decided = await this.#decide(by, scope, subject);
    const of = subject === undefined ? 'caller' : 'token' in subject ? 'token' : subject.user_name;
    const detail = { action, requires: scope, of, allowed: decided.allowed };
    await this.#directory.audit.record(by, { kind: 'access', event: 'permission_checked', detail });
    return decided;
  }

  async #decide(by: Actor, scope: Scope, subject: { token: string } | { user_name: string } | undefined) {
    const told = (allowed: boolean, who: string) => ({
      allowed,
      reason: `${who} ${allowed ? 'has' : 'does not have'} ${scope}.`,
    });
    if (subject === undefined) return told(isAllowed(by, scope), 'Your access');
    if ('token' in subject) {
      const principal = await this.#here(by, subject.token);
      if (!principal) return { allowed: false, reason: 'This token opens nothing in this tenant.' };
      return told(isAllowed(principal.actor, scope), 'The access of this token');
    }
    const user = await findUser(this.#directory, by.tenant, subject.user_name);
    if (!user) return { allowed: false, reason: 'There is no active person with this user name.' };
    const scopes = this.#all(by.tenant, '').flatMap((session) => (session.account === user.account ? session.scopes : []));
    return told(isAllowed({ scopes }, scope), 'What this person has allowed to clients');
  }

  /** Whom a token stands for, if it opens something in the caller's tenant at the moment. */
  async #here({ tenant }: Actor, token: string): Promise<Principal | undefined> {
    const principal = await this.#principalOf(token);
    return principal?.actor.tenant === tenant && this.#standing.stands(principal.access) ? principal : undefined;
  }

  startSignIn(by: Actor): { state: string; url: string; expires: string } {
    this.#directory.tenants.allow(by, 'scim:read');
    const signIn = this.signIns.begin(by);
    return { state: signIn.state, url: this.#urlOf(signIn), expires: new Date(signIn.expires).toISOString() };
  }

  #urlOf({ id }: UserSignIn): string {
    return `${this.#origin}/oauth/sign-in/${id}`;
  }

  signInPage(by: Actor, state: string): string {
    return this.#urlOf(this.signIns.of(by, state));
  }

  async signedIn(by: Actor, state: string, signal: AbortSignal): Promise<void> {
    const signIn = this.signIns.of(by, state);
    await this.signIns.ended(signIn, signal);
    if (signIn.account === null) this.signIns.redeem(signIn, undefined);
    // Its time may be over.
    this.signIns.of(by, state);
  }

  async finishSignIn(by: Actor, state: string, code: string | undefined): Promise<Checked | undefined> {
    this.#directory.tenants.allow(by, 'scim:read');
    const redeemed = this.signIns.redeem(this.signIns.of(by, state), code);
    if (!redeemed) return undefined;
    if (redeemed.kind === 'wrong') {
      await this.#directory.audit.record(by, { kind: 'sign_in', event: 'wrong_code', detail: { through: 'user-auth' } });
      return { kind: 'wrong' };
    }
    const { account } = redeemed;
    const checked = await this.#personOf(account);
    const detail = { account, through: 'user-auth' };
    await this.#directory.audit.record(by, { kind: 'sign_in', event: 'sign_in_told', detail });
    return checked;
  }

  async sessions(by: Actor, access: string, userName?: string): Promise<Session[]> {
    this.#directory.tenants.allow(by, 'scim:read');
    const visible = this.#visible(by, access);
    if (userName === undefined) return visible;
    const user = await findUser(this.#directory, by.tenant, userName);
    // Of somebody inactive too: their access is what is looked for when they go.
    const account = user?.account ?? (await this.#inactiveAccount(by, userName));
    return visible.filter((session) => account !== undefined && session.account === account);
  }

  async #inactiveAccount({ tenant, ...by }: Actor, userName: string): Promise<string | undefined> {
    const page = await this.#directory.search({ ...by, tenant }, 'User', 'userName', userName, { count: 1 });
    const [found] = page.rows;
    return found && `${tenant}/${found.resource.id}`;
  }

  /** Those of the caller: what the same person has allowed the same client, or its key. With `scim:admin`, all of the tenant. */
  #visible(by: Actor, access: string): Session[] {
    const all = this.#all(by.tenant, access);
    if (isAllowed(by, 'scim:admin')) return all;
    const own = all.find(({ current }) => current);
    return all.filter(
      (session) =>
        session.current || (own?.account !== undefined && session.client_id === own.client_id && session.account === own.account),
    );
  }

  #all(tenant: string, access: string): Session[] {
    return this.#clients.list().flatMap((client) => sessionsOf(client, tenant, access));
  }

  async revokeSession(by: Actor, access: string, sessionId: string): Promise<Session> {
    this.#directory.tenants.allow(by, 'scim:read');
    const session = this.#visible(by, access).find(({ session_id }) => session_id === sessionId);
    if (!session) throw new DirectoryError('NOT_FOUND', 'There is no such session among those that list_sessions shows you.');
    if (sessionId.startsWith(grantPrefix))
      await this.#clients.endGrant(session.client_id, sessionId.slice(grantPrefix.length), by);
    else await this.#clients.revoke(session.client_id, by);
    return session;
  }

  async introspect(by: Actor, token: string) {
    this.#directory.tenants.allow(by, 'scim:read');
    const principal = await this.#here(by, token);
    const detail = { active: principal !== undefined, ...(principal && { client: principal.actor.name }) };
    await this.#directory.audit.record(by, { kind: 'access', event: 'token_introspected', detail });
    if (!principal) return { active: false as const };
    const { actor, clientId, access, expiresAt } = principal;
    const grant = access.startsWith(grantPrefix) ? this.#store.grant(access.slice(grantPrefix.length)) : undefined;
    return {
      active: true as const,
      scope: actor.scopes.join(' '),
      client_id: clientId,
      token_type: 'Bearer' as const,
      sub: grant?.account ?? clientId,
      aud: `${this.#origin}/mcp`,
      iss: this.#origin,
      tenant_id: actor.tenant,
      ...(expiresAt !== undefined && { exp: expiresAt }),
    };
  }
}

/** What a client has in a tenant. */
function sessionsOf(client: ConnectedClient, tenant: string, access: string): Session[] {
  const { id, name, registration, grants, lastUsed, expires } = client;
  const known = { client_id: id, client_name: name, registration, last_used: lastUsed };
  if (!id.startsWith('key:'))
    return grants
      .filter((grant) => grant.tenant === tenant)
      .map((grant) => {
        const session_id = `${grantPrefix}${grant.id}`;
        const { account, scopes, created } = grant;
        return { session_id, ...known, account, scopes, created, current: session_id === access };
      });
  if (!client.tenants.includes(tenant)) return [];
  // The rest of an access by key is a hash of its secret.
  const current = access === id || access.startsWith(`${id}:`);
  return [{ session_id: id, ...known, scopes: client.scopes, created: client.created, expires, current }];
}
