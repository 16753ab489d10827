import { randomBytes } from 'node:crypto';
import { errors, type Provider } from 'oidc-provider';
import { refuse } from './access-keys.ts';
import { newClientId, normaliseClient } from './registration.ts';

/** An app that the administrator registers, instead of it registering itself. */
export interface NewApp {
  name: string;
  /**
   * Whether it can keep a secret (RFC 6749 §2.1): `confidential` runs on a server and is given one, `public` runs with the
   * person, in a browser or as a program.
   */
  kind: 'confidential' | 'public';
  /** Where people come back to with the answer of a sign-in; 1 to 10 addresses. */
  redirects: string[];
  /** Where people may go after they have signed out. */
  signOutRedirects?: string[] | undefined;
}

/** @returns another secret for an app: 256 bits. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What is kept of an app: its registration (RFC 7591) under a new id, with a new secret where it can keep one.
 * @param provider which has the last word on what a registration may be.
 * @throws DirectoryError INVALID_ARGUMENT that names what is wrong.
 */
export function registrationOf(provider: Provider, app: NewApp): Record<string, unknown> & { client_id: string } {
  const isConfidential = app.kind === 'confidential';
  if (app.redirects.length === 0)
    refuse('redirects', 'Give at least one address to which people come back, for example http://127.0.0.1:3000/callback.');
  const metadata = {
    client_id: newClientId(),
    client_name: app.name.trim(),
    redirect_uris: app.redirects,
    ...(app.signOutRedirects && { post_logout_redirect_uris: app.signOutRedirects }),
    client_id_issued_at: Math.floor(Date.now() / 1000),
    token_endpoint_auth_method: isConfidential ? 'client_secret_basic' : 'none',
    ...(isConfidential && { client_secret: newSecret(), client_secret_expires_at: 0 }),
  };
  try {
    normaliseClient(metadata);
    // Its types leave the constructor out, which is how the provider checks what it registers itself.
    const { Client } = provider as unknown as {
      Client: new (metadata: object) => { metadata(): Record<string, unknown> & { client_id: string } };
    };
    return new Client(metadata).metadata();
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    const said = error.error_description ?? error.message;
    const [, isAfter] = /^(post_logout_)?redirect_uris/.exec(said) ?? [];
    const reason = said.replace(/^(post_logout_)?redirect_uris:?/, 'Addresses');
    return refuse(isAfter === undefined ? 'redirects' : 'signOutRedirects', `${reason}.`);
  }
}
