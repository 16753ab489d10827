import { z } from 'zod';
import { formContent } from '../../form.ts';
import { invalidArgument, Refusal } from '../../result.ts';
import { defineTool } from '../tool.ts';
import { adds, askWithForm, ownerOf } from './demo-fields.ts';

const codeField = z.object({
  code: z
    .string()
    .trim()
    .min(1, 'Enter the code that the page shows after signing in.')
    .max(20)
    .meta({ title: 'Code', description: 'The page shows it after signing in' }),
});

export const login = defineTool({
  name: 'login',
  title: 'Ask who the person is',
  description:
    'Demonstration: has the person sign in at a mock OAuth provider in the browser, and answers who they are (sub, name, email). It pauses until they have. ' +
    'A client that cannot open pages gets a form of the type "elicitation" with a link and a field for a code instead, and calls again with sign_in and code.',
  toolset: 'demo',
  scope: 'scim:read',
  annotations: adds,
  input: {
    sign_in: z.string().max(64).optional().describe('From the arguments of the call that the form names. With code.'),
    code: codeField.shape.code.optional(),
  },
  content: z.union([
    z.looseObject({ sub: z.string(), name: z.string(), email: z.string().optional() }).describe('Who signed in.'),
    formContent,
  ]),
  async run({ demo: { signIns }, origin }, actor, { sign_in, code }, { person }) {
    const owner = ownerOf(actor);
    if ((sign_in === undefined) !== (code === undefined))
      throw invalidArgument(
        sign_in === undefined ? 'sign_in' : 'code',
        'Send sign_in and code together, or neither to begin anew.',
      );
    if (sign_in !== undefined && code !== undefined)
      return { content: { ...signIns.redeem(owner, sign_in, code) }, metadata: { operation: 'login' } };
    const { id } = signIns.begin(owner, person.id, { showsCode: !person.canVisit });
    const url = `${origin}/demo/login/${id}`;
    if (!person.canVisit)
      return askWithForm('login', codeField, {
        message: `${actor.name} wants to know who you are. Open the link, sign in, and enter the code that the page shows then.`,
        url,
        call: { tool: 'login', arguments: { sign_in: id } },
      });
    try {
      const identity = await person.visit({
        key: 'login',
        message: `${actor.name} wants to know who you are. Sign in on the page that opens, then come back.`,
        url,
        outcome: (signal) => signIns.outcome(id, signal),
      });
      return { content: { ...identity }, metadata: { operation: 'login' } };
    } catch (error) {
      // Whoever has said no here must not be able to say yes on a page that is still open.
      if (error instanceof Refusal && ['DECLINED', 'CANCELLED', 'NO_ANSWER'].includes(error.content.error_code))
        signIns.decline(id);
      throw error;
    }
  },
});
