import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyPluginAsync } from 'fastify';
import { importJWK, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Directory, Scope } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { AccessKeys } from './access-keys.ts';
import type { Auth, Principal } from './auth.ts';
import { Consent } from './consent.ts';
import { createProvider } from './provider.ts';
import { loadSecrets } from './secrets.ts';
import { AuthStore } from './store.ts';

const verifiedMax = 1000;
const registrationsPerMinute = 60;

/** What an access token of this server carries (RFC 9068 §2.2), beside issuer, audience and times. */
const claimsSchema = z.object({
  client_id: z.string(),
  scope: z.string(),
  exp: z.number(),
  tenant: z.string(),
  client_name: z.string(),
  grant: z.string(),
});

export interface AuthOptions {
  directory: Directory;
  /** The data folder; `auth.json` and, without a keychain, `secrets.json` are in it. */
  dataDir: string;
  /** `http://127.0.0.1:PORT`: the issuer. */
  origin: string;
  log: Log;
  /** `file` leaves the system's keychain alone. */
  secretStorage?: 'auto' | 'file';
}

/**
 * Makes the authorization server and the check of tokens.
 * @throws DirectoryError UNAVAILABLE if `auth.json` is damaged.
 */
export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { directory, dataDir, origin, log } = options;
  const store = await AuthStore.open(join(dataDir, 'auth.json'));
  const { secrets, storage } = await loadSecrets({ dataDir, storage: options.secretStorage ?? 'auto', log });
  const provider = createProvider({ origin, secrets, store, directory, log });
  const consent = new Consent({ provider, store, directory, log });
  const keys = new AccessKeys(store, directory);
  const resource = `${origin}/mcp`;
  const { d: _private, ...publicJwk } = secrets.signingKey;
  const publicKey = await importJWK(publicJwk, 'ES256');

  /** Tokens that were verified, by hash: a client sends the same one with each request of its five minutes. */
  const verified = new Map<string, { principal: Principal; expires: number; grant: string }>();

  const verify = async (token: string): Promise<Principal | undefined> => {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = verified.get(hash);
    if (known) return known.expires > Date.now() / 1000 && store.grant(known.grant) ? known.principal : undefined;
    let claims: z.infer<typeof claimsSchema>;
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        issuer: origin,
        audience: resource,
        algorithms: ['ES256'],
        typ: 'at+jwt',
      });
      claims = claimsSchema.parse(payload);
    } catch {
      return undefined;
    }
    if (!store.grant(claims.grant)) return undefined;
    const scopes = claims.scope.split(' ').filter((scope): scope is Scope => scope.startsWith('scim:'));
    const principal: Principal = {
      clientId: claims.client_id,
      canStepUp: true,
      expiresAt: claims.exp,
      actor: { id: claims.client_id, name: claims.client_name, kind: 'agent', door: 'mcp', tenant: claims.tenant, scopes },
    };
    for (const oldest of verified.keys()) {
      if (verified.size < verifiedMax) break;
      verified.delete(oldest);
    }
    verified.set(hash, { principal, expires: claims.exp, grant: claims.grant });
    return principal;
  };

  const callback = provider.callback();
  let registrations: number[] = [];

  const routes: FastifyPluginAsync = async (fastify) => {
    // RFC 9728: where a client of /mcp learns whom to ask.
    const metadata = {
      resource,
      authorization_servers: [origin],
      scopes_supported: ['scim:read', 'scim:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Tandem directory',
    };
    for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'])
      fastify.get(path, async () => metadata);
    await fastify.register(consent.routes);
    await fastify.register(async (bare) => {
      // The provider reads its bodies itself.
      bare.removeAllContentTypeParsers();
      bare.addContentTypeParser('*', (_request, _payload, done) => done(null));
      bare.addHook('onRequest', async (request, reply) => {
        if (request.method !== 'POST' || !request.url.startsWith('/oauth/register')) return;
        const now = Date.now();
        registrations = [...registrations.filter((at) => at > now - 60_000), now];
        if (registrations.length > registrationsPerMinute)
          await reply
            .code(429)
            .send({ error: 'temporarily_unavailable', error_description: 'Too many registrations. Try again in a minute.' });
      });
      const paths = ['/oauth/*', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
      for (const path of paths)
        bare.all(path, async (request, reply) => {
          reply.hijack();
          await callback(request.raw, reply.raw);
        });
    });
  };

  return {
    routes,
    secrets: storage,
    signInCode: consent.signInCode,
    authenticate: async (token) => keys.find(token) ?? (token.length < 4096 ? verify(token) : undefined),
    approvals: consent.approvals,
    keys: keys.api,
    async close() {
      consent.close();
      await store.save();
    },
  };
}
