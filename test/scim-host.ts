import type { Directory, Scope } from '../src/directory/index.ts';
import { startTestHost, type TestHost } from './host.ts';

export const urns = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  agent: 'urn:ietf:params:scim:schemas:core:2.0:Agent',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  search: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  bulk: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  conflict: 'urn:tandem:params:scim:api:messages:2.0:Conflict',
} as const;

// oxlint-disable-next-line typescript/no-explicit-any -- answers are held against expectations, not types
type Body = any;

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  body: Body;
}

export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;

/** A caller with one token, below one root; a body that is a text is sent as it is. */
export function caller(root: string, token: string | undefined): Call {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${root}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface ScimHost {
  host: TestHost;
  directory: Directory;
  /** The SCIM root. */
  root: string;
  /** As a key of the tenant `default` that may write. */
  call: Call;
  callAs(key?: { tenant?: string; scopes?: Scope[]; name?: string }): Promise<Call>;
  close(): Promise<void>;
}

/** Starts the whole app with the tenants `default` and `other`. */
export async function startScim(): Promise<ScimHost> {
  const host = await startTestHost();
  const { directory } = host.app.services;
  await directory.tenants.add({ id: 'other', name: 'Other' });
  const root = host.app.endpoints.scim;
  const callAs = async (key?: { tenant?: string; scopes?: Scope[]; name?: string }) => caller(root, await host.accessKey(key));
  return { host, directory, root, call: await callAs(), callAs, close: () => host.close() };
}

let made = 0;

/** A user that is like no other. */
export function newUser(more: Record<string, unknown> = {}): Record<string, unknown> & { userName: string } {
  return { schemas: [urns.user], userName: `user-${++made}@example.com`, ...more };
}

export function newGroup(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { schemas: [urns.group], displayName: `Group ${++made}`, ...more };
}

export function patchOf(...operations: object[]): object {
  return { schemas: [urns.patch], Operations: operations };
}
