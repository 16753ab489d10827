import { errors, Provider, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Directory } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { accountOf } from './accounts.ts';
import type { ClientRegistry } from './clients.ts';
import { mockClient, mockClientId, signInParameter } from './mock-client.ts';
import { errorPage } from './pages.ts';
import { normaliseClient, type ClientMetadata } from './registration.ts';
import type { Secrets } from './secrets.ts';
import type { AuthStore } from './store.ts';

/** Lifetimes in seconds. */
const lifetimes = {
  accessToken: 300,
  code: 60,
  refreshToken: 14 * 86_400,
  grant: 90 * 86_400,
  mockGrant: 600,
  interaction: 600,
} as const;

/** How the provider says that something that works once was used again. */
const reusedTokens: Record<string, 'refresh_token_reused' | 'code_reused'> = {
  'refresh token already used': 'refresh_token_reused',
  'authorization code already consumed': 'code_reused',
};

/**
 * The authorization server: code flow with PKCE for everybody, access tokens bound to `/mcp`, refresh tokens that rotate, and
 * registration that forgives what real clients send (reference: RFC 6749, 7591, 7636, 8707, 9068).
 */
export function createProvider(options: {
  origin: string;
  secrets: Secrets;
  store: AuthStore;
  directory: Directory;
  clients: ClientRegistry;
  log: Log;
}): Provider {
  const { origin, secrets, store, directory, clients, log } = options;
  const resource = `${origin}/mcp`;
  const { port } = new URL(origin);
  // No path: the provider binds each request's cookies to that request's own, so that two at once do not disturb each other.
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true } as const;

  const configuration: Configuration = {
    adapter: (model: string) => store.adapter(model),
    clients: [mockClient(origin)],
    extraParams: [signInParameter],
    jwks: { keys: [{ ...secrets.signingKey, alg: 'ES256', use: 'sig' }] },
    cookies: {
      keys: secrets.cookieKeys,
      names: { session: `tandem_session_${port}`, interaction: `tandem_interaction_${port}`, resume: `tandem_resume_${port}` },
      long: { ...cookie, path: '/oauth' },
      short: cookie,
    },
    scopes: ['openid', 'offline_access', 'scim:read', 'scim:write', 'scim:admin'],
    claims: { openid: ['sub', 'name', 'preferred_username', 'email'] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    // A registration may name addresses to read from; a server on a person's computer reads from none.
    fetch: () => Promise.reject(new Error('this server asks no other')),
    clientDefaults: {
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    },
    routes: {
      authorization: '/oauth/authorize',
      token: '/oauth/token',
      registration: '/oauth/register',
      revocation: '/oauth/revoke',
      jwks: '/oauth/jwks',
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      // Tokens are for /mcp only; what a client may know of its person is in the ID token.
      userinfo: { enabled: false },
      registration: { enabled: true, issueRegistrationAccessToken: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        // The demonstration's client learns who somebody is; its tokens open nothing.
        defaultResource: (_ctx, client) => (client?.clientId === mockClientId ? [] : resource),
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx, indicator, client) {
          // Addresses below it have some of its tools, and are the same resource.
          const isOurs = indicator === resource || indicator.startsWith(`${resource}/`);
          if (!isOurs || client.clientId === mockClientId)
            throw new errors.InvalidTarget(`the only resource here is ${resource}`);
          return {
            scope: 'scim:read scim:write scim:admin',
            audience: resource,
            accessTokenTTL: lifetimes.accessToken,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          };
        },
      },
    },
    extraClientMetadata: {
      properties: ['tandem_normalised'],
      validator(ctx, _key, _value, metadata) {
        if (ctx?.oidc?.route === 'registration') normaliseClient(metadata as ClientMetadata);
      },
    },
    extraTokenClaims(_ctx, token) {
      const grant = 'grantId' in token && token.grantId ? store.grant(token.grantId) : undefined;
      return grant && { tenant: grant.tenant, client_name: grant.clientName, grant: (token as { grantId: string }).grantId };
    },
    findAccount: (_ctx, sub) => accountOf(directory, sub),
    interactions: {
      url: (_ctx, { uid, params }) =>
        params['client_id'] === mockClientId ? `/demo/sign-in/${uid}` : `/oauth/interaction/${uid}`,
    },
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    clientBasedCORS: () => false,
    ttl: {
      AccessToken: lifetimes.accessToken,
      AuthorizationCode: lifetimes.code,
      RefreshToken: lifetimes.refreshToken,
      Grant: (_ctx, { clientId }) => (clientId === mockClientId ? lifetimes.mockGrant : lifetimes.grant),
      Interaction: lifetimes.interaction,
      IdToken: lifetimes.accessToken,
      Session: lifetimes.interaction,
    },
    renderError(ctx, out) {
      const page = errorPage(out.error, out.error_description);
      ctx.type = 'html';
      ctx.set(page.headers);
      ctx.body = page.html;
    },
  };

  const provider = new Provider(origin, configuration);
  provider.use(async (ctx, next) => {
    // Some clients ask for no scope at all; they get the least.
    if (ctx.path === '/oauth/authorize' && ctx.method === 'GET' && !ctx.query['scope'])
      ctx.query = { ...ctx.query, scope: 'scim:read' };
    await next();
    // Clients that ask for all that is advertised must not ask for administration by accident (RFC 8414 §2 allows to leave it out).
    const { scopes_supported: scopes } = ctx.path.startsWith('/.well-known/')
      ? (ctx.body as { scopes_supported?: string[] })
      : {};
    scopes?.splice(0, scopes.length, ...scopes.filter((scope) => scope !== 'scim:admin'));
  });
  const refused = (ctx: KoaContextWithOIDC, error: Error) => {
    const { error_description: reason } = error as errors.OIDCProviderError;
    log.warn({ at: ctx.path, client: ctx.oidc?.client?.clientId, error: error.message, reason }, 'an OAuth request was refused');
  };
  provider.on('authorization.error', refused);
  provider.on('grant.error', refused);
  provider.on('grant.error', (ctx, error) => {
    const { error_detail: reason } = error;
    const { entities, client } = ctx.oidc ?? {};
    const event = reusedTokens[reason ?? ''];
    if (!event || !client) return;
    const { grantId } = (event === 'code_reused' ? entities?.AuthorizationCode : entities?.RefreshToken) ?? {};
    clients.reused(event, client.clientId, grantId === undefined ? undefined : store.endedGrant(grantId));
  });
  provider.on('registration_create.error', refused);
  provider.on('revocation.error', refused);
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'the authorization server failed'));
  return provider;
}
