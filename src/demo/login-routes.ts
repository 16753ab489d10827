import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import * as oauth from 'openid-client';
import { z } from 'zod';
import type { Log } from '../observe/index.ts';
import { signInMs, type SignIn, type SignIns } from './sign-ins.ts';

/** What the pages of the login work with; main puts it together. */
export interface LoginOptions {
  /** `http://127.0.0.1:PORT`: where these pages are, and the provider. */
  origin: string;
  /** The client's id at the provider, and the parameter that names the sign-in there. */
  client: { id: string; parameter: string };
  signIns: SignIns;
  /** Encrypts what the browser keeps. */
  sealing: { seal(text: string): Promise<string>; open(sealed: string): Promise<string | undefined> };
  /** Makes a page of words. */
  page: (view: {
    title: string;
    lines: string[];
    code?: { label: string; text: string };
    link?: { href: string; label: string };
  }) => { html: string; headers: Record<string, string> };
  log: Log;
}

const attemptSchema = z.object({
  purpose: z.literal('demo-login'),
  signIn: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
});
/** What only the browser has that began: it proves that the provider's answer is for this browser. */
type Attempt = z.infer<typeof attemptSchema>;

const scope = 'openid profile email';
const base = '/demo/login';

/**
 * The pages behind the address that the `login` tool gives: an OAuth client of Tandem's own provider (code flow with PKCE,
 * RFC 6749 and 7636; ID token of OpenID Connect Core). Nothing is kept in memory, so it goes on after a restart.
 */
export function createLoginRoutes(options: LoginOptions): FastifyPluginAsync {
  const { origin, client, signIns, sealing, page, log } = options;
  const callback = `${origin}${base}/callback`;
  const { port } = new URL(origin);
  const cookieOf = (id: string) => `tandem_login_${port}_${id}`;

  let configuration: Promise<oauth.Configuration> | undefined;
  const provider = () =>
    (configuration ??= oauth
      .discovery(new URL(origin), client.id, undefined, oauth.None(), {
        // Both are on this computer. Without the second, a signature would be believed for the connection's sake.
        execute: [oauth.allowInsecureRequests, oauth.enableNonRepudiationChecks],
      })
      .catch((error: unknown) => {
        configuration = undefined;
        throw error;
      }));

  const begin = async (reply: FastifyReply, { id, expires }: SignIn) => {
    const verifier = oauth.randomPKCECodeVerifier();
    const attempt: Attempt = {
      purpose: 'demo-login',
      signIn: id,
      state: `${id}.${oauth.randomState()}`,
      nonce: oauth.randomNonce(),
      verifier,
    };
    const url = oauth.buildAuthorizationUrl(await provider(), {
      redirect_uri: callback,
      scope,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      [client.parameter]: id,
    });
    const seconds = Math.max(1, Math.ceil(Math.min(signInMs, expires - Date.now()) / 1000));
    reply.header('set-cookie', cookie(cookieOf(id), await sealing.seal(JSON.stringify(attempt)), seconds));
    return reply.redirect(url.href, 303);
  };

  const attemptOf = async (request: FastifyRequest, id: string): Promise<Attempt | undefined> => {
    const sealed = cookiesOf(request).get(cookieOf(id));
    const text = sealed === undefined ? undefined : await sealing.open(sealed);
    const parsed = attemptSchema.safeParse(text === undefined ? undefined : JSON.parse(text));
    return parsed.success && parsed.data.signIn === id ? parsed.data : undefined;
  };

  const show = (reply: FastifyReply, status: number, view: Parameters<typeof page>[0]) => {
    const { html, headers } = page(view);
    return reply.code(status).headers(headers).send(html);
  };

  /** What became of a sign-in. @param own whether this browser took part in it. */
  const showEnd = (reply: FastifyReply, signIn: SignIn | undefined, own: boolean) => {
    const who = signIn?.owner.name ?? '';
    const back = `You can close this page and go back to ${who}.`;
    if (!signIn)
      return show(reply, 404, {
        title: 'There is no such sign-in',
        lines: ['The link is not complete, or it is very old. Ask for a new one.'],
      });
    if (signIn.state === 'declined')
      return show(reply, 200, { title: 'You did not sign in', lines: [`${who} learns nothing about you.`, back] });
    if (signIn.state === 'expired')
      return show(reply, 410, {
        title: 'This took too long',
        lines: [`The link was good for ten minutes. Go back to ${who} and ask it to try again.`],
      });
    if (!own || !signIn.identity)
      return show(reply, 200, {
        title: 'This is done already',
        lines: ['Somebody has signed in with this link. It works once.', back],
      });
    const { name, email } = signIn.identity;
    const title = `You are signed in as ${name}`;
    if (signIn.state === 'used' || signIn.code === undefined)
      return show(reply, 200, {
        title,
        lines: [`${who} knows your name${email === undefined ? '' : ' and your email address'} now.`, back],
      });
    return show(reply, 200, {
      title,
      lines: [
        `Go back to ${who} and enter this code there. Then it knows your name${email === undefined ? '' : ' and your email address'}.`,
      ],
      code: { label: 'Code', text: `${signIn.code.slice(0, 4)}-${signIn.code.slice(4)}` },
    });
  };

  /** Takes what the provider says. @returns the id of the sign-in, or why it cannot be believed. */
  const take = async (request: FastifyRequest): Promise<string | undefined> => {
    const url = new URL(request.url, origin);
    const state = url.searchParams.get('state') ?? '';
    const id = state.split('.', 1)[0] ?? '';
    const attempt = await attemptOf(request, id);
    // Not of this browser: somebody else's answer must not sign this person in, nor end what they began.
    if (!attempt || attempt.state !== state) return undefined;
    if (signIns.get(id)?.state !== 'waiting') return id;
    try {
      const tokens = await oauth.authorizationCodeGrant(await provider(), url, {
        pkceCodeVerifier: attempt.verifier,
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('the answer has no ID token');
      const { sub, name, email } = claims;
      signIns.complete(id, {
        sub,
        name: typeof name === 'string' ? name : sub,
        ...(typeof email === 'string' && { email }),
      });
    } catch (error) {
      if (!(error instanceof oauth.AuthorizationResponseError) || error.error !== 'access_denied') throw error;
      signIns.decline(id);
    }
    return id;
  };

  return async (fastify) => {
    fastify.setErrorHandler((error, _request, reply) => {
      log.error({ err: error }, 'a page of the demonstration failed');
      const lines = ['Tandem could not finish it; its log says why. Open the link again.'];
      return show(reply, 500, { title: 'This did not work', lines });
    });

    fastify.get(`${base}/callback`, async (request, reply) => {
      const id = await take(request).catch((error: unknown) => {
        // A code that was used, or is too old, or not of this server.
        log.info({ err: error }, 'an answer of the mock provider was refused');
        return undefined;
      });
      if (id !== undefined) return reply.redirect(`${base}/${id}`, 303);
      return show(reply, 400, {
        title: 'This answer cannot be used',
        lines: ['It belongs to another sign-in or to another browser, or was used before. Open the link again.'],
      });
    });

    /** Where the provider sends a browser that it does not know any more. */
    fastify.get(`${base}/again`, async (request, reply) => {
      const prefix = cookieOf('');
      const ids = [...cookiesOf(request).keys()]
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length));
      const waiting = ids.find((id) => signIns.get(id)?.state === 'waiting');
      return waiting === undefined
        ? show(reply, 410, {
            title: 'This took too long',
            lines: ['Go back to the program that asked who you are, and let it try again.'],
          })
        : reply.redirect(`${base}/${waiting}`, 303);
    });

    fastify.get(`${base}/:id`, async (request, reply) => {
      const { id } = request.params as { id: string };
      const signIn = signIns.get(id);
      if (signIn?.state === 'waiting') return begin(reply, signIn);
      return showEnd(reply, signIn, (await attemptOf(request, id)) !== undefined);
    });
  };
}

function cookie(name: string, value: string, seconds: number): string {
  return `${name}=${value}; Path=${base}; Max-Age=${seconds}; HttpOnly; SameSite=Lax`;
}

function cookiesOf({ headers }: FastifyRequest): Map<string, string> {
  const pairs = (headers.cookie ?? '').split(';').map((pair): [string, string] => {
    const [name = '', ...value] = pair.trim().split('=');
    return [name, value.join('=')];
  });
  return new Map(pairs);
}
