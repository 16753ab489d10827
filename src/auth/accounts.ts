import type { Account } from 'oidc-provider';
import { DirectoryError, type Actor, type Directory } from '../directory/index.ts';
import { claimsOf } from './claims.ts';

/** The administrator's account; other accounts are `TENANT/USER_ID`. */
export const administratorAccount = 'administrator';

/** Who looks people up on the pages where somebody signs in. */
export const reader = (tenant: string): Actor => ({
  id: 'sign-in',
  name: 'Sign-in',
  kind: 'system',
  door: 'cli',
  tenant,
  scopes: ['scim:read'],
});

/** @returns the account, with what a client may learn of it; undefined if the user is gone or inactive, or the tenant suspended. */
export async function accountOf(directory: Directory, sub: string): Promise<Account | undefined> {
  if (sub === administratorAccount) return { accountId: sub, claims: () => ({ sub, name: 'Administrator' }) };
  const [tenant = '', id = ''] = sub.split('/');
  try {
    const actor = reader(tenant);
    const found = await directory.get(actor, 'User', id);
    if (found.resource['active'] === false) return undefined;
    return {
      accountId: sub,
      async claims(_use, scope) {
        const wantsGroups = scope.split(' ').includes('groups');
        const groups = wantsGroups ? (await directory.groupsOf(actor, id)).map(({ display }) => display) : undefined;
        return { sub, ...claimsOf(found), ...(groups && { groups }) };
      },
    };
  } catch (error) {
    if (error instanceof DirectoryError) return undefined;
    throw error;
  }
}

/** What has become of the person of an account; asked also in a tenant that is suspended. */
export async function isActiveAccount(directory: Directory, account: string): Promise<'active' | 'inactive' | 'gone'> {
  if (account === administratorAccount) return 'active';
  const [tenant = '', id = ''] = account.split('/');
  try {
    const { resource } = await directory.get({ ...reader(tenant), scopes: ['scim:admin'] }, 'User', id);
    return resource['active'] === false ? 'inactive' : 'active';
  } catch (error) {
    if (error instanceof DirectoryError && error.code === 'NOT_FOUND') return 'gone';
    throw error;
  }
}

/** Somebody who wants to sign in. */
export interface SignInUser {
  account: string;
  id: string;
  hasPassword: boolean;
}

/** Finds an active user by userName; undefined if there is none, or the tenant is not there or suspended. */
export async function findUser(directory: Directory, tenant: string, userName: string): Promise<SignInUser | undefined> {
  const actor = reader(tenant);
  try {
    const { rows } = await directory.search(actor, 'User', 'userName', userName, { count: 1 });
    const [found] = rows;
    if (!found || found.resource['active'] === false) return undefined;
    const { id } = found.resource;
    return { account: `${tenant}/${id}`, id, hasPassword: await directory.hasPassword(actor, id) };
  } catch (error) {
    if (error instanceof DirectoryError) return undefined;
    throw error;
  }
}
