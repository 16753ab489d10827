import type { FastifyPluginAsync } from 'fastify';
import type { Actor, Author, CallLimits, Scope, Toolset } from '../directory/index.ts';
import type { NewApp } from './apps.ts';
import type { IdentityScope } from './claims.ts';
import type { NamedSecrets } from './named-secrets.ts';
import type { Sealing } from './sealing.ts';
import type { UserAuthModule } from './user-auth.ts';

/** Who a valid access token or access key stands for. */
export interface Principal {
  actor: Actor;
  /** The OAuth client's id, or the access key's id. */
  clientId: string;
  /** Whether the client can ask for more scopes (OAuth), or must live with what it has (an access key). */
  canStepUp: boolean;
  /** Seconds since the epoch; absent for a key that does not end. */
  expiresAt?: number;
  /** Names what gave it, a grant or a key, whatever tokens came of that; see Access. */
  access: string;
}

/** What doors ask about the access behind a request that runs on, such as a stream, and what they tell of it. */
export interface Access {
  /** Whether it still opens anything: it was not revoked, its tenant not suspended, its person not made inactive. */
  stands(access: string): boolean;
  /** Calls `end` once, at once, when it stands no more. @returns a function that ends the watch. */
  watch(access: string, end: () => void): () => void;
  /** Counts a call of its client. */
  called(access: string): void;
}

/** By what the calls of an access are bounded. */
export interface AccessLimits {
  /** The id of its client. */
  client: string;
  /** A stored access key; a client that a person has signed in, or one on this computer; or a part of Tandem itself. */
  kind: 'key' | 'client' | 'own';
  /** What the administrator has set for this client. */
  own: CallLimits;
}

/** How a client came to be known. */
export type Registration = 'registered' | 'administrator' | 'document' | 'key' | 'stdio' | 'built-in';

/** A client's access to one tenant, and who consented to it. Times are RFC 3339, UTC. */
export interface ClientGrant {
  id: string;
  tenant: string;
  /** `administrator`, or `TENANT/USER_ID`. */
  account: string;
  scopes: Scope[];
  created: string;
}

/** The Agent (SCIM) that a client is in one tenant. */
export interface ClientAgent {
  tenant: string;
  id: string;
  /** Whether it may come in there. */
  active: boolean;
}

/** An OAuth client or an access key, with what is known about its use. Times are RFC 3339, UTC. */
export interface ConnectedClient {
  /** The OAuth client's id, or `key:ID`; also the id under which its changes are recorded. */
  id: string;
  name: string;
  /** What it calls itself, where the administrator calls it something else. */
  ownName?: string | undefined;
  registration: Registration;
  /** Where it takes its codes, as it registered them. */
  redirects?: string[] | undefined;
  created?: string | undefined;
  lastUsed?: string | undefined;
  expires?: string | undefined;
  calls: number;
  conflicts: number;
  /** All that it may do at the moment; of a client that nobody has allowed yet, nothing. */
  scopes: Scope[];
  /** Whether that was narrowed. */
  narrowed: boolean;
  /** What bounds its calls, where that is not as the settings say. */
  limits: CallLimits;
  /** The MCP toolsets that were chosen for it; absent, those of its tenant and of the server. */
  toolsets?: Toolset[] | undefined;
  tenants: string[];
  grants: ClientGrant[];
  /** As what it stands in the directory, by tenant. */
  agents: ClientAgent[];
  /** When somebody came with a refresh token that had been used before, which ended a grant. */
  reusedAt?: string | undefined;
  /** Whether it has a secret that can be rotated here. */
  hasSecret: boolean;
  /** Until when the secret before the last rotation opens as well. */
  previousUntil?: string | undefined;
}

/** The clients, as the administrator manages them. `by` is who does it, for the audit log. */
export interface Clients {
  /** Those used last first. */
  list(): ConnectedClient[];
  /**
   * Registers an app that does not register itself. Nobody has allowed it anything yet.
   * @returns its id and, of a confidential one, its secret, which is shown once. @throws DirectoryError INVALID_ARGUMENT.
   */
  register(app: NewApp, by: Author): Promise<{ id: string; secret?: string | undefined }>;
  /** Its Agents are called so too. @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT. */
  rename(id: string, name: string, by: Author): Promise<void>;
  /**
   * Limits what a client may do, at once, to these scopes; what it asks for later too.
   * @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT if one of them is not among those that it has.
   */
  narrow(id: string, scopes: Scope[], by: Author): Promise<void>;
  /**
   * Sets what bounds its calls, from the next one on; what is left out is as the settings say.
   * @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT for what has no limits of its own.
   */
  limit(id: string, limits: CallLimits, by: Author): Promise<void>;
  /**
   * Chooses the MCP toolsets that a client has, at once: at `/mcp` these, at other addresses no others.
   * @param toolsets absent for those of its tenant and of the server again.
   * @throws DirectoryError NOT_FOUND; INVALID_ARGUMENT for a part of Tandem itself.
   */
  chooseToolsets(id: string, toolsets: readonly Toolset[] | undefined, by: Author): Promise<void>;
  /** What was chosen for a client, by the id that `authenticate` gives. */
  toolsetsOf(id: string): readonly Toolset[] | undefined;
  /**
   * Ends all access of a client at once and forgets it; its Agents are deleted.
   * @throws DirectoryError NOT_FOUND; INVALID_ARGUMENT for a part of Tandem itself.
   */
  revoke(id: string, by: Author): Promise<void>;
  /** Ends one grant of a client at once. @throws DirectoryError NOT_FOUND. */
  endGrant(id: string, grant: string, by: Author): Promise<void>;
  /**
   * Gives an access key, or an app that was registered here with a secret, a new one.
   * @param minutes for which the old secret opens as well; 0 to 1440.
   * @returns the new one, which is shown once. @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT.
   */
  rotate(id: string, minutes: number, by: Author): Promise<{ key: string; previousUntil?: string | undefined }>;
  /** Called with no argument whenever the list changed other than by counts. */
  onChange(listener: () => void): () => void;
}

/** An AI client that asks for access and waits for the administrator. */
export interface ApprovalRequest {
  id: string;
  clientName: string;
  /** Host of the address to which the code goes, for example `127.0.0.1` or `claude.ai`; for an app's own scheme, `cursor:`. */
  redirectHost: string;
  scopes: Scope[];
  /** What it wants to know of the person, beside who it is: `profile`, `email` and so on. */
  identity: IdentityScope[];
  /** Whether it runs on another device, on which the person has read a code. */
  onDevice: boolean;
  /** Where the administrator has given it as much before, and when; still in force. */
  remembered?: { tenant: string; at: string } | undefined;
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

/** What the administrator decides about signing in; asked each time, so that it can be changed at any time. */
export interface AuthSettings {
  /** Whether anybody can sign in as a person of a sample tenant who has no password. */
  demoSignIn(): boolean;
  /** Whether clients may name themselves by the address of a document, which is then fetched (CIMD). */
  metadataDocuments(): boolean;
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
  /** @param access of a Principal. */
  limitsOf(access: string): AccessLimits;
  /** Whether an access key is still valid, or an OAuth client still has a grant. @param id of an actor that `authenticate` gave. */
  hasAccess(id: string, tenant: string): boolean;
  /**
   * Signs claims as a compact JWS (RFC 7515) with the key that `/oauth/jwks` shows.
   * @param type the `typ` of its header, which keeps a token of one kind from being taken for another (RFC 8725 §3.11).
   */
  sign(claims: Record<string, unknown>, type: string): Promise<string>;
  readonly signingKeys: {
    /** The id of the key that signs, since when, and how many before it still verify. */
    state(): { id: string; since?: string | undefined; retired: number };
    /** Makes new signing and cookie keys; what the old ones have signed is good for another hour. @throws DirectoryError UNAVAILABLE. */
    rotate(by: Author): Promise<void>;
  };
  readonly sealing: Sealing;
  readonly access: Access;
  readonly userAuth: UserAuthModule;
  readonly clients: Clients;
  approvals: {
    pending(): ApprovalRequest[];
    /** @returns false if the request is gone. */
    decide(id: string, decision: { approve: boolean; tenant: string }): Promise<boolean>;
    /** Called with no argument whenever the list changed. */
    onChange(listener: () => void): () => void;
  };
  keys: {
    /** @returns the key's text, which is shown once and stored hashed. @throws DirectoryError INVALID_ARGUMENT. */
    create(
      key: { tenant: string; scopes: Scope[]; name: string; days?: number | undefined; limits?: CallLimits | undefined },
      by?: Author,
    ): Promise<{ key: string; id: string }>;
    list(): AccessKey[];
    /** @returns false if there is no such key. */
    revoke(id: string): Promise<boolean>;
    /** A key that lives in memory until close(), for the app's own agent and the stdio bridge. */
    issueTemporary(key: { tenant: string; scopes: Scope[]; name: string; kind?: 'built-in' | 'stdio' }): string;
  };
  close(): Promise<void>;
}
