import { decodeJwt } from 'jose';
import { errors, Provider, type Adapter, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Directory } from '../directory/index.ts';
import { abandoned, isAbandoned, type Log } from '../observe/index.ts';
import { accountOf } from './accounts.ts';
import type { AccessKeys } from './access-keys.ts';
import type { AuthSettings, Principal } from './auth.ts';
import { identityClaims, identityScopes } from './claims.ts';
import type { ClientRegistry } from './clients.ts';
import type { Keyring } from './keyring.ts';
import { mockClient, mockClientId, signInParameter } from './mock-client.ts';
import { deviceCodePage, deviceConfirmPage, deviceDonePage, hiddenFields, signedOutPage } from './identity-pages.ts';
import type { HtmlPage } from './page-frame.ts';
import { errorPage } from './pages.ts';
import { clientScopes, newClientId, normaliseClient, type ClientMetadata } from './registration.ts';
import { sameText } from './sign-in-code.ts';
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
  keyring: Keyring;
  store: AuthStore;
  keys: AccessKeys;
  directory: Directory;
  clients: ClientRegistry;
  settings: AuthSettings;
  /** Asks other servers, for documents of clients. */
  outside: (address: string | URL | Request) => Promise<Response>;
  checkToken: (token: string) => Promise<Principal | undefined>;
  log: Log;
}): Provider {
  const { origin, keyring, store, keys, directory, clients, settings, checkToken, log } = options;
  const resource = `${origin}/mcp`;
  const { port } = new URL(origin);
  // No path: the provider binds each request's cookies to that request's own, so that two at once do not disturb each other.
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true } as const;

  const configuration: Configuration = {
    adapter: (model: string) => (model === 'Client' ? clientAdapter(store, keys) : store.adapter(model)),
    clients: [mockClient(origin)],
    extraParams: [signInParameter],
    jwks: { keys: keyring.signingKeys.map((key) => ({ ...key, alg: 'ES256', use: 'sig' })) },
    cookies: {
      keys: keyring.secrets.cookieKeys,
      names: { session: `tandem_session_${port}`, interaction: `tandem_interaction_${port}`, resume: `tandem_resume_${port}` },
      long: { ...cookie, path: '/oauth' },
      short: cookie,
    },
    scopes: ['openid', 'offline_access', 'scim:read', 'scim:write', 'scim:admin', ...identityScopes],
    claims: {
      openid: ['sub', 'name', 'preferred_username', 'email'],
      ...Object.fromEntries(Object.entries(identityClaims).map(([scope, claims]) => [scope, [...claims]])),
    },
    // Apps that never ask /oauth/userinfo find all that was agreed to in the ID token.
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    // A registration may name addresses to read from; a server on a person's computer reads from none but a client's own document.
    fetch: (address) =>
      settings.metadataDocuments() ? options.outside(address) : Promise.reject(new Error('this server asks no other')),
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
      introspection: '/oauth/introspect',
      userinfo: '/oauth/userinfo',
      device_authorization: '/oauth/device_authorization',
      code_verification: '/oauth/device',
      end_session: '/oauth/logout',
      jwks: '/oauth/jwks',
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        // Nobody is kept signed in, so there is nothing to ask.
        logoutSource: (ctx) => show(ctx, signedOutPage()),
        postLogoutSuccessSource: (ctx) => show(ctx, signedOutPage()),
      },
      clientCredentials: { enabled: true },
      deviceFlow: {
        enabled: true,
        charset: 'base-20',
        mask: '****-****',
        userCodeInputSource: (ctx, form, _out, error) =>
          show(ctx, deviceCodePage({ fields: hiddenFields(form), problem: deviceProblem(error), code: deviceCodeOf(error) })),
        userCodeConfirmSource: (ctx, form, client, _info, code) =>
          show(
            ctx,
            deviceConfirmPage({
              fields: hiddenFields(form),
              clientName: clients.nameOf(client.clientId, client.clientName ?? 'Unnamed client'),
              code,
            }),
          ),
        successSource: (ctx) => show(ctx, deviceDonePage(ctx.oidc.client?.clientName ?? 'The device')),
      },
      clientIdMetadataDocument: {
        enabled: true,
        ack: 'draft-02',
        allowFetch: () => settings.metadataDocuments(),
        allowClient: () => settings.metadataDocuments(),
      },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      userinfo: { enabled: true },
      registration: { enabled: true, issueRegistrationAccessToken: false, idFactory: newClientId },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        // The demonstration's client learns who somebody is; its tokens open nothing.
        defaultResource(ctx, client, oneOf) {
          if (oneOf) return resource;
          // Who asks only who somebody is gets a token for /oauth/userinfo, which one for /mcp does not open.
          const asked = typeof ctx.oidc.params?.['scope'] === 'string' ? ctx.oidc.params['scope'].split(' ') : [];
          const isIdentity = asked.includes('openid') && !asked.some((scope) => scope.startsWith('scim:'));
          return client?.clientId === mockClientId || isIdentity ? [] : resource;
        },
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
        else if (metadata['client_id'].startsWith('https://')) normaliseClient(metadata as ClientMetadata);
      },
    },
    extraTokenClaims(_ctx, token) {
      if (token.kind === 'ClientCredentials' && token.clientId) return claimsOfKey(keys, token.clientId);
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
      ClientCredentials: lifetimes.accessToken,
      DeviceCode: lifetimes.interaction,
      AuthorizationCode: lifetimes.code,
      RefreshToken: lifetimes.refreshToken,
      Grant: (_ctx, { clientId }) => (clientId === mockClientId ? lifetimes.mockGrant : lifetimes.grant),
      Interaction: lifetimes.interaction,
      IdToken: lifetimes.accessToken,
      Session: lifetimes.interaction,
    },
    renderError: (ctx, out) => show(ctx, errorPage(out.error, out.error_description)),
  };

  const provider = new Provider(origin, configuration);
  // A key's secret is kept as a hash only, and for a while after its rotation there are two.
  provider.Client.prototype.compareClientSecret = function (given: string) {
    if (keys.stored(this.clientId)) return keys.isSecretOf(this.clientId, given);
    return sameText(given, this.clientSecret ?? '') || clients.isPreviousSecret(this.clientId, given);
  };
  // A session that was only looked at is not kept, which the provider's own way of keeping it longer fails at when the request is refused.
  provider.Session.prototype.persist = async function () {
    return this.exp === undefined ? '' : this.save(this.exp - Math.floor(Date.now() / 1000));
  };
  provider.use(async (ctx, next) => {
    // Some clients ask for no scope at all; they get the least.
    if (ctx.path === '/oauth/authorize' && ctx.method === 'GET' && !ctx.query['scope'])
      ctx.query = { ...ctx.query, scope: 'scim:read' };
    await next();
    if (ctx.path === '/oauth/introspect' || ctx.path === '/oauth/revoke')
      await answerForJwt(ctx as unknown as KoaContextWithOIDC);
    // Clients that ask for all that is advertised must not ask for administration by accident (RFC 8414 §2 allows to leave it out).
    if (!ctx.path.startsWith('/.well-known/')) return;
    const { client_id_metadata_document_supported: documents, ...metadata } = ctx.body as Metadata;
    const { scopes_supported: scopes } = metadata;
    ctx.body = {
      ...metadata,
      ...(scopes && { scopes_supported: scopes.filter((scope) => scope !== 'scim:admin') }),
      // A client that learns of this registers in no other way, and cannot sign in where no other server can be asked.
      ...(documents && settings.metadataDocuments() && { client_id_metadata_document_supported: true }),
    };
  });
  /** The provider leaves access tokens that are JWTs to others, once it has seen that the client is who it says. */
  const answerForJwt = async (ctx: KoaContextWithOIDC) => {
    const { client, params } = ctx.oidc ?? {};
    const token = params?.['token'];
    if ((ctx.body as { error?: string } | undefined)?.error !== 'unsupported_token_type' || typeof token !== 'string' || !client)
      return;
    const principal = await checkToken(token);
    const claims = principal && decodeJwt(token);
    const isOwn = claims?.['client_id'] === client.clientId;
    if (ctx.path === '/oauth/introspect') {
      ctx.status = 200;
      ctx.body =
        principal && isOwn && clients.isOpen(principal.access)
          ? { ...claims, active: true, scope: principal.actor.scopes.join(' '), token_type: 'Bearer' }
          : { active: false };
      return;
    }
    // A key's token ends with the key, or after minutes.
    if (principal?.access.startsWith('key:') && isOwn) return;
    const [, grantId = ''] = principal && isOwn ? principal.access.split(':') : [];
    if (grantId !== '') await store.endGrants((_grant, id) => id === grantId);
    // Whether there was such a token is not told (RFC 7009 §2.2).
    ctx.status = 200;
    ctx.body = '';
  };
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
  provider.on('introspection.error', refused);
  provider.on('userinfo.error', refused);
  provider.on('device_authorization.error', refused);
  provider.on('end_session.error', refused);
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'the authorization server failed'));
  // Koa's own, which its types leave out; without a listener it writes to the console.
  const koa: NodeJS.EventEmitter = provider;
  koa.on('error', (error: unknown, ctx?: KoaContextWithOIDC) =>
    // It tells of a connection that broke before anything knows that it is gone, and fails in ways of its own afterwards.
    ctx?.res.destroyed || isAbandoned(error, { destroyed: true })
      ? log.info(abandoned)
      : log.error({ err: error }, 'the authorization server failed'),
  );
  return provider;
}

interface Metadata {
  scopes_supported?: string[];
  client_id_metadata_document_supported?: boolean;
}

function show(ctx: KoaContextWithOIDC, page: HtmlPage): void {
  ctx.type = 'html';
  ctx.set(page.headers);
  ctx.body = page.html;
}

/** What the page says of a code that was not taken. */
function deviceProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return deviceProblems[error.constructor.name] ?? 'This did not work. Type the code once more.';
}

const deviceProblems: Record<string, string> = {
  NotFoundError: 'No device waits with this code. Look at it once more.',
  ExpiredError: 'This code has ended. Start again on the device.',
  AlreadyUsedError: 'This code has been used already. Start again on the device.',
  AbortedError: 'It was stopped. The device gets no access.',
  NoCodeError: 'Type the code first.',
};

function deviceCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'userCode' in error && typeof error.userCode === 'string' ? error.userCode : undefined;
}

/** Access keys as clients of the client credentials grant (RFC 6749 §4.4): the key's id with its text as the secret. */
function clientAdapter(store: AuthStore, keys: AccessKeys): Adapter {
  const adapter = store.adapter('Client');
  return {
    ...adapter,
    async find(id) {
      const key = keys.stored(id);
      if (!key) {
        const found = await adapter.find(id);
        // What those may ask for who registered with an older Tandem has grown.
        return found && { ...found, scope: clientScopes };
      }
      return {
        client_id: key.id,
        client_name: key.name,
        // Compared by its hash; see compareClientSecret.
        client_secret: key.hash,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'client_secret_basic',
        scope: key.scopes.join(' '),
      };
    },
  };
}

function claimsOfKey(keys: AccessKeys, id: string) {
  const principal = keys.principal(id);
  return principal && { tenant: principal.actor.tenant, client_name: principal.actor.name, grant: principal.access };
}
