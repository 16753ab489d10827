import type { Actor, Scope } from '../directory/index.ts';

/** A person, as the ID token of the same sign-in would say it. */
export interface SignedInPerson {
  /** `TENANT/USER_ID`. */
  sub: string;
  user_name?: string | undefined;
  name?: string | undefined;
  email?: string | undefined;
}

/** What became of a password, or of a code: seconds to wait where there were too many tries. */
export type Checked = { kind: 'in'; person: SignedInPerson } | { kind: 'wrong' } | { kind: 'locked'; seconds: number };

/** A standing access to the caller's tenant: what a person has allowed a client, or an access key. */
export interface AuthSession {
  session_id: string;
  client_id: string;
  client_name: string;
  /** How the client came to be known. */
  registration: string;
  /** Who allowed it: `administrator`, or `TENANT/USER_ID`; absent for an access key. */
  account?: string | undefined;
  scopes: readonly Scope[];
  /** RFC 3339, UTC. */
  created?: string | undefined;
  last_used?: string | undefined;
  expires?: string | undefined;
  /** Whether this call came with it. */
  current: boolean;
}

/** What a token stands for (RFC 7662 §2.2). */
export type Introspection =
  | { active: false }
  | {
      active: true;
      scope: string;
      client_id: string;
      token_type: 'Bearer';
      sub: string;
      aud: string;
      iss: string;
      tenant_id: string;
      exp?: number | undefined;
    };

/** Of whom a permission is asked. */
export type PermissionSubject = { token: string } | { user_name: string } | undefined;

/**
 * Who may come in and what they may do (seed 003): what the room `auth` does for the tools of the toolset `user-auth`. All of it
 * is about the caller's tenant alone; what is elsewhere looks as if it were nowhere.
 * Each throws DirectoryError FORBIDDEN where the caller's scopes do not allow it, UNAVAILABLE.
 */
export interface UserAuth {
  /** Checks a person's password. Failures are counted for the person and for the caller, together with those in the browser. */
  authenticate(by: Actor, userName: string, password: string): Promise<Checked>;
  /** Whether somebody has a scope in the caller's tenant. @returns why, in words. */
  checkPermission(
    by: Actor,
    action: string,
    scope: Scope,
    subject: PermissionSubject,
  ): Promise<{ allowed: boolean; reason: string }>;
  /**
   * Begins a sign-in of a person in the browser.
   * @returns the page for the person, and the state with which the same client finishes it. `expires` is RFC 3339.
   * @throws DirectoryError UNAVAILABLE if too many wait.
   */
  startSignIn(by: Actor): { state: string; url: string; expires: string };
  /** The page of a sign-in that waits. @throws DirectoryError NOT_FOUND, also for others'. */
  signInPage(by: Actor, state: string): string;
  /** Resolves when the person has signed in. @throws DirectoryError NOT_FOUND, DECLINED; the signal's reason. */
  signedIn(by: Actor, state: string, signal: AbortSignal): Promise<void>;
  /**
   * Tells, once, who signed in.
   * @param code what the page has shown to the person; absent where `signedIn` has waited for the person whom the client sent.
   * @returns undefined where nobody has signed in yet. @throws DirectoryError NOT_FOUND, DECLINED.
   */
  finishSignIn(by: Actor, state: string, code: string | undefined): Promise<Checked | undefined>;
  /** @param access of the call. @returns those of the caller; of all in the tenant with `scim:admin`. */
  sessions(by: Actor, access: string, userName?: string): Promise<AuthSession[]>;
  /** Ends one of those that `sessions` shows, at once. @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT. */
  revokeSession(by: Actor, access: string, sessionId: string): Promise<AuthSession>;
  /** What a token stands for; inactive for one of another tenant too. */
  introspect(by: Actor, token: string): Promise<Introspection>;
}
