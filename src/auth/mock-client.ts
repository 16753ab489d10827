import type { ClientMetadata } from 'oidc-provider';

/** The client behind the demonstration's `login` tool: the only one whose people sign in at the mock provider's page. */
export const mockClientId = 'tandem-demo-login';

/** The parameter of its authorization requests that names the sign-in, and with it the tenant whose people there are. */
export const signInParameter = 'sign_in';

/** @returns its registration: public, code flow only, one redirect, no refresh, and nothing of the directory's API. */
export function mockClient(origin: string): ClientMetadata {
  return {
    client_id: mockClientId,
    client_name: 'Tandem demonstration',
    application_type: 'web',
    redirect_uris: [`${origin}/demo/login/callback`],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    scope: 'openid profile email',
    id_token_signed_response_alg: 'ES256',
  };
}
