import { Client, StreamableHTTPClientTransport, UnauthorizedError, type OAuthClientProvider } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { startTestHost } from './host.ts';

test('a client that was narrowed asks for more when it needs it, and has it when the administrator allows that', async () => {
  const host = await startTestHost();
  try {
    const redirect = 'http://127.0.0.1:33999/callback';
    const kept = new Map<string, unknown>();
    const keep = (name: string) => (value: unknown) => void kept.set(name, value);
    let asked: URL | undefined;
    const authProvider = {
      redirectUrl: redirect,
      clientMetadata: { client_name: 'SDK client', redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
      clientInformation: () => kept.get('client'),
      saveClientInformation: keep('client'),
      tokens: () => kept.get('tokens'),
      saveTokens: keep('tokens'),
      codeVerifier: () => kept.get('verifier'),
      saveCodeVerifier: keep('verifier'),
      discoveryState: () => kept.get('discovery'),
      saveDiscoveryState: keep('discovery'),
      redirectToAuthorization: (url: URL) => void (asked = url),
    } as OAuthClientProvider;

    /** What the person's browser and the administrator do; @returns what came back to the client. */
    const authorize = async () => {
      const jar = new Map<string, string>();
      const visit = async (address: URL): Promise<URL> => {
        if (address.origin !== host.origin) return address;
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(address, { headers: { accept: 'text/html', cookie }, redirect: 'manual' });
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          jar.set(name, value);
        }
        const next = response.headers.get('location');
        return next === null ? address : visit(new URL(next, address));
      };
      const page = await visit(asked ?? new URL(host.origin));
      const [request] = host.app.services.approvals.pending();
      await host.app.services.approvals.decide(request?.id ?? '', { approve: true, tenant: 'default' });
      return (await visit(page)).searchParams;
    };

    const transport = () => new StreamableHTTPClientTransport(new URL(host.app.endpoints.mcp), { authProvider });
    const first = transport();
    await expect(new Client({ name: 't', version: '1' }).connect(first)).rejects.toThrow(UnauthorizedError);
    await first.finishAuth(await authorize());
    const second = transport();
    const client = new Client({ name: 't', version: '1' });
    await client.connect(second);
    const record = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' };
    const add = async () => {
      const { isError, content } = await client.callTool({ name: 'scim_create_user', arguments: { user_data: record } });
      return isError ? content : 'added';
    };

    const [{ id } = { id: '' }] = host.app.services.clients.list();
    await host.app.services.clients.narrow(id, ['scim:read'], host.app.services.administrator('default'));
    await expect(add()).rejects.toThrow();
    expect(asked?.searchParams.get('scope')).toContain('scim:write');
    expect((await host.app.services.directory.list(host.app.services.administrator('default'), 'User', { count: 1 })).total).toBe(
      0,
    );
    await second.finishAuth(await authorize());
    expect(await add()).toBe('added');
    await client.close();
  } finally {
    await host.close();
  }
});
