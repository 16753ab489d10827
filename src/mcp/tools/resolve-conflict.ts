import { z } from 'zod';
import { DirectoryError, type Choice, type Escalation } from '../../directory/index.ts';
import { answerWhole } from '../answer.ts';
import { sendChangeAgain } from '../conflict.ts';
import { group, user } from './fields.ts';
import { defineTool, overwrites } from './tool.ts';

const choice = z.union([z.enum(['mine', 'theirs']), z.strictObject({ value: z.json() })]);

export const resolveConflict = defineTool({
  name: 'scim_resolve_conflict',
  title: 'Settle a conflict',
  description:
    'Settles a conflict that a write of yours was answered with (conflict.conflict_id), without sending the write again. Strategies: ' +
    'merge: your change and those of the others together, in one call; where both changed the same, say for each path of conflict.overlapping in choices what stands. ' +
    'immediate_retry: your write again on the current version, if nothing overlaps; a deletion in any case. ' +
    'alternative: only those of your changes that overlap with nothing; the rest is listed, and with propose_rest people are asked about it, while you go on. ' +
    'ask_human: people decide; the call waits a while for them, and answers status pending with an escalation_id after that (scim_get_escalation). ' +
    'abandon: nothing is written, and the conflict is closed.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: { ...overwrites, idempotentHint: false },
  afterConflict: sendChangeAgain,
  input: {
    conflict_id: z.string().min(1).max(64).describe('From conflict.conflict_id of the refused write.'),
    strategy: z.enum(['merge', 'immediate_retry', 'alternative', 'ask_human', 'abandon']),
    choices: z
      .record(z.string().max(1000), choice)
      .optional()
      .describe('With merge: what stands at each overlapping path: "mine", "theirs", or {"value": …}.'),
    propose_rest: z
      .boolean()
      .optional()
      .describe(
        'With alternative: let people decide about what overlaps. The call does not wait for them; metadata.proposed has the escalation_id for scim_get_escalation.',
      ),
  },
  content: z.union([user, group, z.looseObject({ status: z.enum(['abandoned', 'deleted']) })]),
  async run({ directory }, actor, { conflict_id, strategy, choices, propose_rest }, { approval }) {
    const settled = await directory.resolveConflict(actor, conflict_id, {
      strategy,
      approval,
      proposeRest: propose_rest,
      // Made of JSON: zod types it a little wider than the directory does.
      choices: choices as Record<string, Choice> | undefined,
    });
    const { conflict, written, left = [], proposed } = settled;
    const about = { operation: 'resolve_conflict', conflict_id, strategy, attempts: conflict.attempts };
    if (!written)
      return {
        content: { status: strategy === 'abandon' ? 'abandoned' : 'deleted' },
        metadata: { ...about, resource_id: conflict.resourceId },
      };
    return answerWhole(directory, actor, 'resolve_conflict', written, {
      ...about,
      changed: written.changed,
      left_as_others_have_it: left,
      ...(proposed && { proposed: toProposed(proposed) }),
    });
  },
});

/** What became of the rest. Where it could not be proposed, that is said: what was free is written already. */
function toProposed(proposed: Escalation | DirectoryError) {
  if (proposed instanceof DirectoryError) return { error: proposed.message, error_code: proposed.code };
  return { escalation_id: proposed.id, status: proposed.state };
}
