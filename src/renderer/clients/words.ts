import type { ConnectedClient } from '../../api/index.ts';
import type { Toolset } from '../../directory/pure.ts';

export const scopeLabels = {
  'scim:read': 'See people',
  'scim:write': 'Change people',
  'scim:admin': 'Manage the tenant',
} as const;
export type Scope = keyof typeof scopeLabels;
export const scopes = Object.keys(scopeLabels) as Scope[];

/** What a toolset is for. */
export const toolsetLabels: Record<Toolset, string> = {
  scim: 'People and groups',
  collaboration: 'Working together: proposals, history, who is editing',
  administration: 'Tenants, policy and extra fields',
  'user-auth': 'Sign-ins and access',
  demo: 'The demonstration: tickets and appointments',
};

/** How a client came to be known. */
export const registrationLabels: Record<ConnectedClient['registration'], string> = {
  registered: 'Registered itself',
  administrator: 'Registered here',
  document: 'Named by its web address',
  key: 'Access key',
  stdio: 'Started on this computer',
  'built-in': 'Part of Tandem',
};

/** What a client may do, for a list. */
export function accessOf({ scopes: has }: Pick<ConnectedClient, 'scopes'>): string {
  if (has.length === 0) return 'No access';
  if (has.includes('scim:admin')) return 'Manages the tenant';
  return has.includes('scim:write') ? 'Sees and changes people' : 'Sees people';
}

/** Who consented, as people say it. */
export function accountLabel(account: string): string {
  return account === 'administrator' ? 'the administrator' : `a person of ${account.split('/')[0] ?? ''}`;
}
