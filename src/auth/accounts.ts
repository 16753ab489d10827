import type { Account } from 'oidc-provider';
import { DirectoryError, nameOf, type Actor, type Directory, type Json, type Resource } from '../directory/index.ts';

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

/** @returns the account, with what a client may learn of it; undefined if the user is gone or inactive. */
export async function accountOf(directory: Directory, sub: string): Promise<Account | undefined> {
  if (sub === administratorAccount) return { accountId: sub, claims: () => ({ sub, name: 'Administrator' }) };
  const [tenant = '', id = ''] = sub.split('/');
  try {
    const { resource } = await directory.get(reader(tenant), 'User', id);
    if (resource['active'] === false) return undefined;
    const email = emailOf(resource);
    const claims = {
      sub,
      name: nameOf(resource),
      preferred_username: resource['userName'],
      ...(email !== undefined && { email }),
    };
    return { accountId: sub, claims: () => claims };
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

function emailOf({ emails }: Resource): string | undefined {
  const list = Array.isArray(emails) ? (emails as { value?: Json; primary?: Json }[]) : [];
  const { value } = list.find(({ primary }) => primary === true) ?? list[0] ?? {};
  return typeof value === 'string' ? value : undefined;
}

/** Finds the user of a demo sign-in by userName; undefined if there is none or it is inactive. */
export async function demoAccount(directory: Directory, tenant: string, userName: string): Promise<string | undefined> {
  const { rows } = await directory.search(reader(tenant), 'User', 'userName', userName, { count: 1 });
  const [found] = rows;
  return found && found.resource['active'] !== false ? `${tenant}/${found.resource.id}` : undefined;
}
