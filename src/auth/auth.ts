import type { FastifyPluginAsync } from 'fastify';
import type { Actor, Scope } from '../directory/index.ts';
import type { NamedSecrets } from './named-secrets.ts';
import type { Sealing } from './sealing.ts';

/** Who a valid access token or access key stands for. */
export interface Principal {
  actor: Actor;
  /** The OAuth client's id, or the access key's id. */
  clientId: string;
  /** Whether the client can ask for more scopes (OAuth), or must live with what it has (an access key). */
  canStepUp: boolean;
  /** Seconds since the epoch; absent for a key that does not end. */
  expiresAt?: number;
}

/** An AI client that asks for access and waits for the administrator. */
export interface ApprovalRequest {
  id: string;
  clientName: string;
  /** Host of the address to which the code goes, for example `127.0.0.1` or `claude.ai`; for an app's own scheme, `cursor:`. */
  redirectHost: string;
  scopes: Scope[];
  /** RFC 3339, UTC. */
  requestedAt: string;
}

/** A key for scripts, without the secret itself. Times are RFC 3339, UTC. */
export interface AccessKey {
  id: string;
  name: string;
  tenant: string;
  scopes: Scope[];
  created: string;
  expires?: string | undefined;
  lastUsed?: string | undefined;
}

/** Where signing keys, cookie keys and the like are kept. */
export interface SecretStorage {
  place: 'keychain' | 'file';
  /** For a person: where that is, and what to do if it is the fallback. */
  detail: string;
}

/** The authorization server and the check of tokens. */
export interface Auth {
  /** Fastify plugin with the provider's routes, its discovery documents and its pages, at the origin's root. */
  readonly routes: FastifyPluginAsync;
  readonly secrets: SecretStorage;
  /** Keys of other services, such as language models, by name. */
  readonly namedSecrets: NamedSecrets;
  /** The code with which the administrator signs in to a consent page in a browser. New at each start. */
  readonly signInCode: string;
  /**
   * Checks a bearer token (JWT access token bound to `/mcp`, or access key).
   * @returns undefined if it is unknown, expired, revoked, of another audience, or otherwise invalid.
   */
  authenticate(token: string): Promise<Principal | undefined>;
  /**
   * Signs claims as a compact JWS (RFC 7515) with the key that `/oauth/jwks` shows.
   * @param type the `typ` of its header, which keeps a token of one kind from being taken for another (RFC 8725 §3.11).
   */
  sign(claims: Record<string, unknown>, type: string): Promise<string>;
  readonly sealing: Sealing;
  approvals: {
    pending(): ApprovalRequest[];
    /** @returns false if the request is gone. */
    decide(id: string, decision: { approve: boolean; tenant: string }): Promise<boolean>;
    /** Called with no argument whenever the list changed. */
    onChange(listener: () => void): () => void;
  };
  keys: {
    /** @returns the key's text, which is shown once and stored hashed. @throws DirectoryError INVALID_ARGUMENT. */
    create(key: {
      tenant: string;
      scopes: Scope[];
      name: string;
      days?: number | undefined;
    }): Promise<{ key: string; id: string }>;
    list(): AccessKey[];
    /** @returns false if there is no such key. */
    revoke(id: string): Promise<boolean>;
    /** A key that lives in memory until close(), for the app's own agent and the stdio bridge. */
    issueTemporary(key: { tenant: string; scopes: Scope[]; name: string }): string;
  };
  close(): Promise<void>;
}
