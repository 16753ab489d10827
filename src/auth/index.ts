/** The OAuth/OIDC provider, the check of tokens and access keys, and secrets in the OS keychain. */
export type { Access, AccessKey, ApprovalRequest, Auth, Clients, ConnectedClient, Principal, SecretStorage } from './auth.ts';
export { createAuth, type AuthOptions } from './create-auth.ts';
export { mockClientId, signInParameter } from './mock-client.ts';
export { noticePage, type Notice } from './notice-page.ts';
export type { Sealing } from './sealing.ts';
