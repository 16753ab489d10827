import { join } from 'node:path';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { operatorTenant, type Directory } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { AccessKeys, agentClientOf } from './access-keys.ts';
import { Agents, type AgentClient } from './agents.ts';
import { registrationOf } from './apps.ts';
import { Approvals } from './approvals.ts';
import { Attempts } from './attempts.ts';
import type { Auth, AuthSettings } from './auth.ts';
import { ClientRegistry } from './clients.ts';
import { consentRoutes } from './consent.ts';
import { Keyring } from './keyring.ts';
import { mockSignInRoutes, type MockSignIns } from './mock-sign-in.ts';
import { openNamedSecrets } from './named-secrets.ts';
import { createOutsideFetch } from './outside.ts';
import { pageError, refuseForeign, send } from './page-forms.ts';
import { errorPage } from './pages.ts';
import { PersonSignIn } from './person-sign-in.ts';
import { createProvider } from './provider.ts';
import { createSealing } from './sealing.ts';
import { SignInCode } from './sign-in-code.ts';
import { Standing } from './standing.ts';
import { AuthStore } from './store.ts';
import { createTokenCheck } from './token-check.ts';
import { UserAuthModule } from './user-auth.ts';
import { userSignInRoutes } from './user-sign-in-routes.ts';

const registrationsPerMinute = 60;

export interface AuthOptions {
  directory: Directory;
  /** The data folder; `auth.json` and, without a keychain, `secrets.json` are in it. */
  dataDir: string;
  /** `http://127.0.0.1:PORT`: the issuer. */
  origin: string;
  log: Log;
  /** Sign-ins that the demonstration waits for. Without them nobody can sign in there. */
  mockSignIns?: MockSignIns | undefined;
  /** `file` leaves the system's keychain alone. */
  secretStorage?: 'auto' | 'file';
  /** Absent, the demo sign-in is on and metadata documents are off. */
  settings?: AuthSettings;
  /** How a document of a client is fetched. */
  outside?: (address: string | URL | Request) => Promise<Response>;
}

/**
 * Makes the authorization server and the check of tokens.
 * @throws DirectoryError UNAVAILABLE if `auth.json` or the secrets are damaged; nothing is ever replaced silently.
 */
export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { directory, dataDir, origin, log, mockSignIns } = options;
  const store = await AuthStore.open(join(dataDir, 'auth.json'));
  const keyring = await Keyring.open({ dataDir, storage: options.secretStorage ?? 'auto', log });
  const { storage } = keyring;
  const namedSecrets = await openNamedSecrets({ dataDir, place: storage.place, log });
  const agents = new Agents(directory, log);
  const keys = new AccessKeys(store, directory, agents);
  const clients = new ClientRegistry({ directory, store, keys, agents, log });
  const approvals = new Approvals(directory, agents, log);
  const signInCode = new SignInCode();
  const forgetGone = async () => {
    const tenants = directory.tenants.list();
    keys.forgetTenantsBut(tenants);
    await store.forgetTenantsBut(tenants);
  };
  await forgetGone();
  const standing = await Standing.open({ directory, store, keys, agents, log });
  agents.onDeleted = (clientId, tenant, by) => {
    clients.expelled(clientId, tenant, by).catch((error: unknown) =>
      // It is cut off; at the next start this is tried again.
      log.error({ err: error, client: clientId }, 'the access of an agent that was deleted did not end on disk'),
    );
  };
  agents.onRenamed = (clientId, name) => clients.renamed(clientId, name);
  agents.onChanged = () => clients.agentsChanged();
  await agents.open(agentClientsOf(store, clients));
  keys.onEnded = () => standing.check();
  clients.onLimited = () => standing.check();
  clients.isOpen = (access) => standing.stands(access);
  standing.onCalled = (access) => clients.called(access);
  const stopForgetting = directory.tenants.onDelete(() => {
    forgetGone().catch((error: unknown) => log.error({ err: error }, 'access to a deleted tenant was ended, but not on disk'));
  });
  const resource = `${origin}/mcp`;
  const checkToken = createTokenCheck({ origin, resource, keyring, keys, store, standing, clients });
  const settings = options.settings ?? { demoSignIn: () => true, metadataDocuments: () => false };
  const outside = options.outside ?? createOutsideFetch();
  const makeProvider = () =>
    createProvider({ origin, keyring, store, keys, directory, clients, settings, outside, checkToken, log });
  let provider = makeProvider();
  let callback = provider.callback();
  clients.registrationOf = (app) => registrationOf(provider, app);
  // The provider takes its keys when it is made; all that it knows is in the store.
  keyring.onChanged = () => {
    provider = makeProvider();
    callback = provider.callback();
  };
  const persons = new PersonSignIn(directory, settings);
  const userAuth = new UserAuthModule({
    origin,
    directory,
    store,
    clients,
    standing,
    persons,
    principalOf: async (token) => keys.find(token) ?? checkToken(token),
  });
  const deviceCodes = new Attempts({ failures: 20, seconds: 60 });
  let registrations: number[] = [];

  /** The provider's own routes. It reads its bodies and writes its answers itself. */
  const providerRoutes: FastifyPluginAsync = async (fastify) => {
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const handle = async (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
      await callback(request.raw, reply.raw);
    };
    fastify.get('/.well-known/openid-configuration', handle);
    fastify.get('/.well-known/oauth-authorization-server', handle);
    fastify.get('/oauth/jwks', handle);
    fastify.get('/oauth/authorize', handle);
    fastify.get('/oauth/authorize/:uid', handle);
    fastify.post('/oauth/token', handle);
    fastify.post('/oauth/revoke', handle);
    fastify.post('/oauth/introspect', handle);
    fastify.route({ method: ['GET', 'POST'], url: '/oauth/userinfo', handler: handle });
    fastify.post('/oauth/device_authorization', handle);
    fastify.get('/oauth/device', handle);
    fastify.get('/oauth/device/:uid', handle);
    fastify.setErrorHandler((error, _request, reply) => {
      const { status, code, text } = pageError(error);
      if (status >= 500) log.error({ err: error }, 'an OAuth request failed');
      return send(reply.code(status), errorPage(code, text));
    });
    fastify.post('/oauth/device', async (request, reply) => {
      refuseForeign(request);
      const wait = deviceCodes.waitFor('all');
      if (wait !== undefined) {
        log.warn('too many device codes are tried');
        reply.header('retry-after', String(wait));
        return send(reply.code(429), errorPage('slow_down', `Too many codes were tried. Wait ${wait} seconds, then try again.`));
      }
      deviceCodes.failed('all');
      return handle(request, reply);
    });
    fastify.route({ method: ['GET', 'POST'], url: '/oauth/logout', handler: handle });
    fastify.post('/oauth/logout/confirm', handle);
    fastify.get('/oauth/logout/success', handle);
    fastify.post('/oauth/register', async (request, reply) => {
      const now = Date.now();
      registrations = registrations.filter((at) => at > now - 60_000);
      if (registrations.length >= registrationsPerMinute) {
        log.warn('too many clients register');
        return reply
          .code(429)
          .header('retry-after', '60')
          .send({ error: 'temporarily_unavailable', error_description: 'Too many registrations. Try again in a minute.' });
      }
      registrations.push(now);
      return handle(request, reply);
    });
  };

  const routes: FastifyPluginAsync = async (fastify) => {
    // RFC 9728: where a client of /mcp learns whom to ask.
    const metadata = {
      resource,
      authorization_servers: [origin],
      scopes_supported: ['scim:read', 'scim:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Tandem directory',
    };
    // Addresses below /mcp have some of its tools; a token is for all of them.
    for (const path of ['', '/mcp', '/mcp/readonly', '/mcp/x/:toolset', '/mcp/x/:toolset/readonly'])
      fastify.get(`/.well-known/oauth-protected-resource${path}`, async () => metadata);
    await fastify.register(
      consentRoutes({ provider: () => provider, store, directory, clients, agents, persons, approvals, signInCode, log }),
    );
    await fastify.register(userSignInRoutes({ signIns: userAuth.signIns, persons, directory, log }));
    if (mockSignIns) await fastify.register(mockSignInRoutes({ provider: () => provider, directory, signIns: mockSignIns, log }));
    await fastify.register(providerRoutes);
  };

  return {
    routes,
    secrets: storage,
    namedSecrets,
    signInCode: signInCode.text,
    authenticate: async (token) => keys.find(token) ?? checkToken(token),
    limitsOf: (access) => clients.limitsOf(access),
    hasAccess: (id, tenant) => keys.has(id, tenant) || (store.hasGrant(id, tenant) && !agents.isOff(id, tenant)),
    sign: (claims, typ) => keyring.sign(claims, typ),
    signingKeys: {
      state: () => ({
        id: keyring.secrets.signingKey.kid,
        since: keyring.since,
        retired: keyring.signingKeys.length - 1,
      }),
      async rotate(by) {
        await keyring.rotate();
        const subject = { type: 'Key', id: keyring.secrets.signingKey.kid, name: 'Signing key' };
        await directory.audit.record(
          { ...by, tenant: operatorTenant },
          { kind: 'access', event: 'signing_key_rotated', subject },
        );
      },
    },
    sealing: createSealing(() => keyring.secrets),
    access: standing,
    userAuth,
    clients,
    approvals: approvals.api,
    keys: keys.api,
    async close() {
      stopForgetting();
      approvals.close();
      agents.close();
      standing.close();
      keys.close();
      keyring.close();
      await clients.close();
      await store.flush();
    },
  };
}

/** The clients that have access to something of the directory, one for each tenant. */
function agentClientsOf(store: AuthStore, clients: ClientRegistry): AgentClient[] {
  const own = new Map(clients.list().map(({ id, name, ownName }) => [id, { name, ownName }]));
  const found = new Map<string, AgentClient>();
  for (const [, { tenant, clientId, clientName, account, scopes }] of store.grants()) {
    // Who only learns who somebody is, acts on nothing.
    if (scopes.length === 0 || found.has(`${tenant} ${clientId}`)) continue;
    const names = own.get(clientId) ?? { name: clientName };
    found.set(`${tenant} ${clientId}`, { tenant, clientId, ...names, kind: 'AI client', account });
  }
  return [...found.values(), ...store.keys.map((key) => agentClientOf(key))];
}
