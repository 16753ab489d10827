import { createHash } from 'node:crypto';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import type { Scope } from '../directory/index.ts';
import type { Principal } from './auth.ts';
import type { AccessKeys } from './access-keys.ts';
import type { Keyring } from './keyring.ts';
import type { ClientRegistry } from './clients.ts';
import type { Standing } from './standing.ts';
import type { AuthStore } from './store.ts';

const tokenLengthMax = 4096;
const verifiedMax = 1000;
const scopes: readonly Scope[] = ['scim:read', 'scim:write', 'scim:admin'];

/** What an access token of this server carries (RFC 9068 §2.2), beside issuer, audience and type. */
const claimsSchema = z.object({
  client_id: z.string(),
  // A client that asked for nothing of ours can still come, and be told what to ask for.
  scope: z.string().default(''),
  exp: z.number(),
  tenant: z.string(),
  client_name: z.string(),
  grant: z.string(),
});
type Claims = z.infer<typeof claimsSchema>;

interface Verified {
  principal: Principal;
  /** The scopes that it carries. */
  asked: readonly Scope[];
  expires: number;
  grant: string;
}

/**
 * Makes the check of JWT access tokens: signed by this server, for `/mcp`, not past their end, of a grant that has not been
 * revoked, in a tenant that exists.
 * @returns a function that gives whom a token stands for, or undefined; it never throws for a bad token.
 */
export function createTokenCheck(options: {
  origin: string;
  resource: string;
  keyring: Keyring;
  keys: AccessKeys;
  store: AuthStore;
  standing: Standing;
  clients: ClientRegistry;
}): (token: string) => Promise<Principal | undefined> {
  const { origin, resource, keyring, keys, store, standing, clients } = options;

  const verify = async (token: string): Promise<Claims | undefined> => {
    try {
      const { payload } = await jwtVerify(token, (header) => keyring.verifyingKey(header), {
        issuer: origin,
        audience: resource,
        algorithms: ['ES256'],
        typ: 'at+jwt',
      });
      return claimsSchema.parse(payload);
    } catch {
      return undefined;
    }
  };

  /** By hash, the last used at the end: a client sends the same token with each request of its five minutes. */
  const verified = new Map<string, Verified>();
  const remember = (hash: string, entry: Verified) => {
    verified.delete(hash);
    for (const oldest of verified.keys()) {
      if (verified.size < verifiedMax) break;
      verified.delete(oldest);
    }
    verified.set(hash, entry);
  };

  /** What a client may do, and is called, can change while its tokens live. */
  const narrowed = (principal: Principal, asked: readonly Scope[]): Principal => {
    const { clientId, actor } = principal;
    const name = clients.nameOf(clientId, actor.name);
    return { ...principal, actor: { ...actor, name, scopes: clients.allowed(clientId, asked) } };
  };

  /** A token that was given for an access key stands for that key, for as long as its secret does. */
  const ofKey = ({ grant, scope, exp }: Claims): Principal | undefined => {
    const principal = keys.tenantOf(grant) === undefined ? undefined : keys.principal(grant.split(':')[1] ?? '');
    if (!principal) return undefined;
    const { actor } = principal;
    const words = scope.split(' ');
    const given = scope === '' ? actor.scopes : actor.scopes.filter((each) => words.includes(each));
    return { ...principal, access: grant, expiresAt: exp, actor: { ...actor, scopes: given } };
  };

  return async (token) => {
    if (token.length > tokenLengthMax) return undefined;
    const hash = createHash('sha256').update(token).digest('base64');
    const known = verified.get(hash);
    if (known) {
      if (known.expires <= Date.now() / 1000 || !standing.isGranted(known.grant)) {
        verified.delete(hash);
        return undefined;
      }
      remember(hash, known);
      return narrowed(known.principal, known.asked);
    }
    const claims = await verify(token);
    if (!claims) return undefined;
    if (claims.grant.startsWith('key:')) return ofKey(claims);
    if (!standing.isGranted(claims.grant)) return undefined;
    if (store.grant(claims.grant)?.tenant !== claims.tenant) return undefined;
    const words = claims.scope.split(' ');
    const asked = scopes.filter((scope) => words.includes(scope));
    const principal: Principal = {
      clientId: claims.client_id,
      canStepUp: true,
      expiresAt: claims.exp,
      access: `grant:${claims.grant}`,
      actor: {
        id: claims.client_id,
        name: claims.client_name,
        kind: 'agent',
        door: 'mcp',
        tenant: claims.tenant,
        scopes: asked,
      },
    };
    remember(hash, { principal, asked, expires: claims.exp, grant: claims.grant });
    return narrowed(principal, asked);
  };
}
