import { errors, interactionPolicy, Provider, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Directory } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { accountOf } from './accounts.ts';
import { errorPage } from './pages.ts';
import type { Secrets } from './secrets.ts';
import type { AuthStore } from './store.ts';

/** Lifetimes in seconds. */
export const lifetimes = { accessToken: 300, code: 60, refreshToken: 14 * 86_400, grant: 90 * 86_400, interaction: 600 } as const;

/** Scopes that a client which registered itself may ask for; `scim:admin` is for access keys only. */
const clientScopes = 'openid offline_access scim:read scim:write';
const redirectsMax = 10;
const clientNameMax = 80;
/** Schemes of known desktop clients, and reverse-domain ones (RFC 8252 §7.1). The rest may start programs of the system. */
const appScheme = /^(cursor|vscode|vscode-insiders|windsurf|claude|zed|[a-z][a-z0-9-]*(\.[a-z0-9-]+)+):/i;

/**
 * The authorization server: code flow with PKCE for everybody, access tokens bound to `/mcp`, refresh tokens that rotate, and
 * registration that forgives what real clients send (reference: RFC 6749, 7591, 7636, 8707, 9068).
 */
export function createProvider(options: {
  origin: string;
  secrets: Secrets;
  store: AuthStore;
  directory: Directory;
  log: Log;
}): Provider {
  const { origin, secrets, store, directory, log } = options;
  const resource = `${origin}/mcp`;
  const { port } = new URL(origin);
  const policy = interactionPolicy.base();
  // Every authorization asks a person: the session cookie alone, which any program on a port of this host could have set, never authorizes.
  policy
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check(
        'asked',
        'the administrator decides on each request',
        'login_required',
        (ctx: KoaContextWithOIDC) =>
          ctx.oidc.result?.login ? interactionPolicy.Check.NO_NEED_TO_PROMPT : interactionPolicy.Check.REQUEST_PROMPT,
      ),
    );
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, path: '/oauth' } as const;

  const configuration: Configuration = {
    adapter: (model: string) => store.adapter(model),
    jwks: { keys: [{ ...secrets.signingKey, alg: 'ES256', use: 'sig' }] },
    cookies: {
      keys: secrets.cookieKeys,
      names: { session: `tandem_session_${port}`, interaction: `tandem_interaction_${port}`, resume: `tandem_resume_${port}` },
      long: cookie,
      short: cookie,
    },
    scopes: ['openid', 'offline_access', 'scim:read', 'scim:write', 'scim:admin'],
    claims: { openid: ['sub', 'name', 'preferred_username', 'email'] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    clientDefaults: {
      token_endpoint_auth_method: 'none',
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
      userinfo: '/oauth/userinfo',
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      registration: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx, indicator) {
          if (indicator !== resource && indicator !== `${resource}/`)
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
        const route = ctx?.oidc?.route;
        if (route === 'registration' || route === 'registration_update') normaliseClient(metadata as ClientMetadata);
      },
    },
    extraTokenClaims(_ctx, token) {
      const grant = 'grantId' in token && token.grantId ? store.grant(token.grantId) : undefined;
      return grant && { tenant: grant.tenant, client_name: grant.clientName, grant: (token as { grantId: string }).grantId };
    },
    findAccount: (_ctx, sub) => accountOf(directory, sub),
    interactions: { policy, url: (_ctx, interaction) => `/oauth/interaction/${interaction.uid}` },
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    clientBasedCORS: () => false,
    ttl: {
      AccessToken: lifetimes.accessToken,
      AuthorizationCode: lifetimes.code,
      RefreshToken: lifetimes.refreshToken,
      Grant: lifetimes.grant,
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
  });
  const refused = (_ctx: KoaContextWithOIDC, error: Error) =>
    log.info({ reason: error.message }, 'a sign-in request was refused');
  provider.on('authorization.error', refused);
  provider.on('grant.error', refused);
  provider.on('registration_create.error', refused);
  provider.on('revocation.error', refused);
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'the authorization server failed'));
  return provider;
}

interface ClientMetadata {
  scope?: string;
  client_name?: unknown;
  redirect_uris?: unknown;
  grant_types?: unknown;
  application_type?: string;
  id_token_signed_response_alg?: string;
}

/** Makes of a registration (RFC 7591) what this server can keep, or refuses it with the reason. */
function normaliseClient(metadata: ClientMetadata): void {
  metadata.scope = clientScopes;
  metadata.id_token_signed_response_alg = 'ES256';
  const wanted = Array.isArray(metadata.grant_types) ? metadata.grant_types : [];
  const known = ['authorization_code', 'refresh_token'];
  metadata.grant_types = [...new Set([...known, ...wanted.filter((type) => known.includes(String(type)))])];
  const redirects = Array.isArray(metadata.redirect_uris) ? metadata.redirect_uris.map(String) : [];
  if (redirects.length > redirectsMax) throw new errors.InvalidRedirectUri(`at most ${redirectsMax} redirect_uris are taken`);
  for (const redirect of redirects) checkRedirect(redirect);
  if (redirects.some((redirect) => !redirect.startsWith('https://'))) metadata.application_type = 'native';
  const name = String(metadata.client_name ?? 'Unnamed client').normalize('NFKC');
  metadata.client_name =
    name
      .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
      .trim()
      .slice(0, clientNameMax) || 'Unnamed client';
}

function checkRedirect(redirect: string): void {
  const url = URL.canParse(redirect) ? new URL(redirect) : undefined;
  const loopback = url && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback) || (url && appScheme.test(redirect))) return;
  throw new errors.InvalidRedirectUri(
    'redirect_uris must be https, http to 127.0.0.1 or localhost, or the scheme of a known app',
  );
}
