import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Author, Directory } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { noticePage } from './notice-page.ts';
import { pageError, readForms, refuseForeign, send } from './page-forms.ts';
import { errorPage } from './pages.ts';
import type { PersonSignIn } from './person-sign-in.ts';
import { userSignInPage } from './user-sign-in-page.ts';
import type { UserSignIn, UserSignIns } from './user-sign-ins.ts';

const user = z.string().max(256);
const formSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('person'), user, password: z.string().max(1024) }),
  z.object({ action: z.literal('demo'), user }),
  z.object({ action: z.literal('deny') }),
]);

/** Who sends a form and has not shown who it is. */
const somebody: Author = { id: 'browser', name: 'Somebody in a browser', kind: 'person', door: 'window' };

/**
 * The pages on which a person signs in for a client that has asked who they are (UserAuth). Nothing is kept in the browser: what
 * ties the person to the client is the code that they read there, or that the client itself has sent them.
 */
export function userSignInRoutes(options: {
  signIns: UserSignIns;
  persons: PersonSignIn;
  directory: Directory;
  log: Log;
}): FastifyPluginAsync {
  const { signIns, persons, directory, log } = options;

  const showGone = (reply: FastifyReply) =>
    send(
      reply.code(410),
      noticePage({
        title: 'This sign-in has ended',
        lines: ['It took too long, or is done already.', 'Go back to the program that sent you here and begin again.'],
      }),
    );

  const show = (reply: FastifyReply, { id, owner }: UserSignIn, problems: { problem?: string; demoProblem?: string } = {}) =>
    send(
      reply,
      userSignInPage({
        action: `/oauth/sign-in/${id}`,
        askedBy: owner.name,
        tenantName: directory.tenants.get(owner.tenant).name,
        isDemo: persons.demoTenants().some((tenant) => tenant.id === owner.tenant),
        ...problems,
      }),
    );

  const tell = ({ owner }: UserSignIn, by: Author, event: string, account: string) =>
    directory.audit.record(
      { ...by, tenant: owner.tenant },
      { kind: 'sign_in', event, detail: { client: owner.name, account, through: 'user-auth' } },
    );

  return async (fastify) => {
    readForms(fastify);
    fastify.setErrorHandler((error, _request, reply) => {
      const { status, code, text } = pageError(error);
      if (status >= 500) log.error({ err: error }, 'a page of a sign-in failed');
      return send(reply.code(status), errorPage(code, text));
    });
    const address = '/oauth/sign-in/:id';
    const find = (params: unknown) => {
      const signIn = signIns.get((params as { id: string }).id);
      return signIn?.account === undefined && signIn && directory.tenants.exists(signIn.owner.tenant) ? signIn : undefined;
    };
    fastify.get(address, async (request, reply) => {
      const signIn = find(request.params);
      return signIn ? show(reply, signIn) : showGone(reply);
    });
    fastify.post(address, async (request, reply) => {
      refuseForeign(request);
      const signIn = find(request.params);
      if (!signIn) return showGone(reply);
      const form = formSchema.parse(request.body);
      const { tenant, name } = signIn.owner;
      if (form.action === 'deny') {
        signIns.end(signIn, null);
        return send(reply, noticePage({ title: 'Nothing was told', lines: [`${name} does not learn who you are.`] }));
      }
      const isDemo = form.action === 'demo';
      const userName = form.user.trim();
      const result = isDemo
        ? await persons.asDemo(tenant, userName, request.ip)
        : await persons.withPassword(tenant, userName, form.password, request.ip);
      if (result.kind !== 'in') {
        const isLocked = result.kind === 'locked';
        await tell(signIn, somebody, isLocked ? 'too_many_tries' : isDemo ? 'unknown_person' : 'wrong_password', userName);
        if (isLocked) reply.header('retry-after', String(result.seconds));
        const problem = isLocked
          ? `Too many tries. Wait ${result.seconds} seconds, then try again.`
          : isDemo
            ? 'No active person of this sample who has no password has this user name.'
            : 'This user name and password do not fit together. Try again.';
        return show(reply.code(isLocked ? 429 : 403), signIn, isDemo ? { demoProblem: problem } : { problem });
      }
      await tell(signIn, { ...somebody, id: result.account, name: userName }, 'signed_in', result.account);
      if (!signIns.end(signIn, result.account)) return showGone(reply);
      return send(
        reply,
        noticePage({
          title: 'You are signed in',
          lines: [`Go back to ${name}. If it asks you for a code, give it this one, and to nobody else.`],
          code: { label: 'Code', text: `${signIn.code.slice(0, 4)}-${signIn.code.slice(4)}` },
        }),
      );
    });
  };
}
