import { z } from 'zod';
import { policySchema, type DryRun } from '../../directory/index.ts';
import { invalidArgument } from '../result.ts';
import { answerPolicy, policyContent } from './policy-fields.ts';
import { defineTool, overwrites, type Success } from './tool.ts';

/** Changes that a dry run names; the verdicts count all of them. */
const listedMax = 100;

const dryRunContent = z
  .object({
    verdicts: z.object({ apply: z.int(), approval: z.int(), refuse: z.int() }),
    changes: z.array(
      z.looseObject({
        type: z.string(),
        id: z.string(),
        name: z.string(),
        operation: z.string(),
        verdict: z.enum(['approval', 'refuse']),
        rule: z.object({ id: z.string(), says: z.string() }),
      }),
    ),
  })
  .describe(
    'Instead, with dry_run: how many of the last changes it would have applied, sent to people or refused; and which of them by which rule.',
  );

export const updatePolicy = defineTool({
  name: 'scim_update_policy',
  title: 'Change the policy',
  description:
    "Gives this access's tenant another policy. Takes the whole of it: what you leave out is as it is where nobody has said anything. Get the policy first, change what you need, send it back with its version as expected_version. " +
    'With dry_run nothing is changed: it says what the policy would have done to the last changes. Do that first, and show it to the person you work for. ' +
    'The policy holds for you too: one that makes everything read only can still be changed here.',
  toolset: 'administration',
  scope: 'scim:admin',
  annotations: overwrites,
  input: {
    policy: policySchema.describe('The whole policy, as content.policy of scim_get_policy.'),
    expected_version: z
      .string()
      .max(128)
      .optional()
      .describe('The version of the policy that you have seen (content.version). Required, but for a dry run.'),
    dry_run: z.boolean().default(false).describe('Change nothing, and say what it would have done.'),
    count: z.int().min(1).max(1000).default(100).describe('With dry_run: how many of the last changes to try it on.'),
  },
  content: z.union([policyContent, dryRunContent]),
  async run({ directory }, actor, { policy, expected_version, dry_run, count }) {
    if (dry_run) return answerDryRun(await directory.policy.dryRun(actor, policy, count));
    if (expected_version === undefined)
      throw invalidArgument('expected_version', 'Send the version that scim_get_policy returns, so that nobody is overwritten.');
    return answerPolicy('update_policy', actor, await directory.policy.update(actor, policy, expected_version));
  },
});

function answerDryRun({ verdicts, changes }: DryRun): Success {
  const concerned = changes.filter(({ verdict }) => verdict !== 'apply');
  return {
    content: {
      verdicts,
      changes: concerned.slice(0, listedMax).map(({ author, at, revision: _revision, ...change }) => ({
        ...change,
        actor: author,
        when: at,
      })),
    },
    metadata: {
      operation: 'update_policy',
      dry_run: true,
      ...(concerned.length > listedMax && {
        omitted: { count: concerned.length - listedMax, how: 'The newest are listed. Try it on fewer changes with count.' },
      }),
    },
  };
}
