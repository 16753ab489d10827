import { randomBytes } from 'node:crypto';
import { errors } from 'oidc-provider';
import { identityScopes } from './claims.ts';

/** Scopes that a client which registered itself may ask for. */
export const clientScopes = ['openid offline_access scim:read scim:write scim:admin', ...identityScopes].join(' ');
const grantTypes = ['authorization_code', 'refresh_token'];
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const redirectsMax = 10;
const redirectLengthMax = 2048;
const clientNameMax = 80;
/** Schemes of known desktop clients, and reverse-domain ones (RFC 8252 §7.1). The rest may start programs of the system. */
const appScheme = /^(cursor|vscode|vscode-insiders|windsurf|claude|zed|[a-z][a-z0-9-]*(\.[a-z0-9-]+)+):/i;

/** The members of a registration that are made fit; the provider has checked their types, or does so next. */
export interface ClientMetadata {
  scope?: string;
  client_name?: unknown;
  redirect_uris?: unknown;
  grant_types?: unknown;
  response_types?: unknown;
  post_logout_redirect_uris?: unknown;
  application_type?: string;
  id_token_signed_response_alg?: string;
}

/** @returns an id for a client: 192 bits in hexadecimal, since one that begins with a dash looks like an option on a command line. */
export function newClientId(): string {
  return randomBytes(24).toString('hex');
}

/**
 * Makes of a registration (RFC 7591) what this server can keep: real clients ask for grants that it does not have, for
 * scopes narrower than what they need later, and leave out that they are native.
 * @throws errors.InvalidClientMetadata with the reason; where that begins with `redirect_uris`, the code is `invalid_redirect_uri`.
 */
export function normaliseClient(metadata: ClientMetadata): void {
  metadata.scope = clientScopes;
  metadata.id_token_signed_response_alg = 'ES256';
  const redirects = Array.isArray(metadata.redirect_uris) ? metadata.redirect_uris.map(String) : [];
  const wantsDevice = Array.isArray(metadata.grant_types) && metadata.grant_types.includes(deviceGrant);
  metadata.grant_types = wantsDevice ? [...grantTypes, deviceGrant] : grantTypes;
  // A device without a browser has nowhere to be answered.
  if (wantsDevice && redirects.length === 0) {
    metadata.grant_types = [deviceGrant, 'refresh_token'];
    metadata.response_types = [];
    metadata.redirect_uris = [];
  }
  if (redirects.length > redirectsMax) throw new errors.InvalidClientMetadata(`redirect_uris must be ${redirectsMax} at most`);
  for (const redirect of redirects) checkRedirect(redirect);
  const after = Array.isArray(metadata.post_logout_redirect_uris) ? metadata.post_logout_redirect_uris.map(String) : [];
  if (after.length > redirectsMax)
    throw new errors.InvalidClientMetadata(`post_logout_redirect_uris must be ${redirectsMax} at most`);
  for (const redirect of after) checkRedirect(redirect, 'post_logout_redirect_uris');
  if (redirects.some((redirect) => !redirect.startsWith('https://'))) metadata.application_type = 'native';
  const name = metadata.client_name ?? '';
  if (typeof name === 'string') metadata.client_name = cleanName(name) || 'Unnamed client';
}

/** Takes from a name what hides or reorders text on the page on which a person decides. */
export function cleanName(name: string): string {
  const visible = name
    .normalize('NFKC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .replaceAll(/\s+/g, ' ');
  return Array.from(visible.trim()).slice(0, clientNameMax).join('');
}

function checkRedirect(redirect: string, member = 'redirect_uris'): void {
  const url = redirect.length <= redirectLengthMax && URL.canParse(redirect) ? new URL(redirect) : undefined;
  const loopback = url && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback) || (url && appScheme.test(redirect))) return;
  throw new errors.InvalidClientMetadata(`${member} must be https, http to 127.0.0.1 or localhost, or the scheme of a known app`);
}
