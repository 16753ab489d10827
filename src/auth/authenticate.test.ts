import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { register, signIn, startHost, type Host } from './test-host.ts';

let host: Host;
beforeEach(async () => {
  host = await startHost();
});
afterEach(async () => {
  vi.useRealTimers();
  await host.stop();
  rmSync(host.folder, { recursive: true });
});

describe('tokens that are not ours', () => {
  test.each<[string, (jwt: SignJWT) => SignJWT, boolean, typ?: string]>([
    ['another audience', (jwt) => jwt.setAudience('http://127.0.0.1:1/mcp'), true],
    ['another issuer', (jwt) => jwt.setIssuer('http://127.0.0.1:1'), true],
    ['expired', (jwt) => jwt.setExpirationTime('-1s'), true],
    ['an ID token', (jwt) => jwt, true, 'JWT'],
    ['another key', (jwt) => jwt, false],
  ])('%s', async (_name, spoil, ownKey, spoiltType = 'at+jwt') => {
    const { tokens } = await signIn(host, await register(host));
    const [, body = ''] = tokens.access_token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const own = JSON.parse(readFileSync(join(host.folder, 'secrets.json'), 'utf8')) as { signingKey: JsonWebKey };
    const key = ownKey ? own.signingKey : await exportJWK(privateKey);
    const sign = (change: (jwt: SignJWT) => SignJWT, typ = 'at+jwt') =>
      change(new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ })).sign(key);
    if (ownKey) expect(await host.auth.authenticate(await sign((jwt) => jwt))).toBeDefined();
    expect(await host.auth.authenticate(await sign(spoil, spoiltType))).toBeUndefined();
  });

  test.each(['', 'nonsense', 'a.b.c', 'tandem_guess', 'x'.repeat(10_000)])('garbage %#', async (token) => {
    expect(await host.auth.authenticate(token)).toBeUndefined();
  });
});

describe('access keys', () => {
  const request = { tenant: 'default', scopes: ['scim:read' as const], name: 'Nightly' };

  test('work, are listed without their text, survive a restart, and end when revoked', async () => {
    const { key, id } = await host.auth.keys.create(request);
    const { folder } = host;
    await host.stop();
    expect(readFileSync(join(folder, 'auth.json'), 'utf8')).not.toContain(key);
    host = await startHost(folder);
    expect(await host.auth.authenticate(key)).toMatchObject({
      actor: { name: 'Nightly', tenant: 'default', scopes: ['scim:read'] },
    });
    expect(host.auth.keys.list()).toMatchObject([{ id, name: 'Nightly' }]);
    expect(JSON.stringify(host.auth.keys.list())).not.toContain('hash');
    expect(await host.auth.keys.revoke(id)).toBe(true);
    expect(await host.auth.authenticate(key)).toBeUndefined();
  });

  test('end after their days', async () => {
    const { key } = await host.auth.keys.create({ ...request, days: 1 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_401_000 });
    expect(await host.auth.authenticate(key)).toBeUndefined();
    vi.useRealTimers();
  });

  test('bad requests name the argument', async () => {
    for (const [over, path] of [
      [{ tenant: 'nowhere' }, 'tenant'],
      [{ scopes: [] }, 'scope'],
      [{ name: ' ' }, 'name'],
      [{ days: 0 }, 'days'],
    ] as const)
      await expect(
        host.auth.keys.create({ ...request, ...over, scopes: [...('scopes' in over ? over.scopes : request.scopes)] }),
      ).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        issues: [{ path }],
      });
  });
});
