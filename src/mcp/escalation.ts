import { z } from 'zod';
import type { Escalation, Rule } from '../directory/index.ts';
import { resourceUri } from './scim-resource.ts';

/** The content of a call that waits for somebody's answer. */
export const pendingContent = z
  .looseObject({
    status: z.literal('pending'),
    escalation_id: z.string(),
    rule: z.object({ id: z.string(), says: z.string() }).optional(),
    how: z.string(),
  })
  .describe('Instead, where the change waits for an answer: nothing was written yet.');

/** What a call answers that waits longer than its caller does. */
export function toPending(id: string, rule: Rule | undefined): z.infer<typeof pendingContent> {
  return {
    status: 'pending',
    escalation_id: id,
    ...(rule && { rule: { ...rule } }),
    how: 'Nothing was written yet; somebody is asked. Go on with something else, and ask with scim_get_escalation what became of it. Do not send the change again.',
  };
}

export const escalationContent = z
  .looseObject({
    escalation_id: z.string(),
    status: z.enum(['pending', 'approved', 'declined', 'expired', 'withdrawn', 'superseded']),
    kind: z.enum(['approval', 'conflict', 'negotiation']),
    from: z.looseObject({ id: z.string(), name: z.string() }),
    to: z.string().describe('"people", or the id of an agent.'),
    deadline: z.string(),
  })
  .describe('A change that waits for an answer, or has got one.');

/** An escalation in the wire's spelling. */
export function toWire(escalation: Escalation): z.infer<typeof escalationContent> {
  const { id, kind, from, asks, to, tenant, subject, state, proposed, version, intent, rule, reason } = escalation;
  const { decidedBy, decidedAt, outcome, counter, counterTo, conflictId } = escalation;
  return {
    escalation_id: id,
    status: state,
    kind,
    from: { id: from.id, name: from.name },
    ...(asks && { asked_by: { id: asks.id, name: asks.name } }),
    to,
    subject: { type: subject.type, id: subject.id, name: subject.name, uri: resourceUri(tenant, subject.type, subject.id) },
    changes: proposed.slice(0, 50).map(({ type, id: changed, operation, changes, changeCount, collisions }) => ({
      type,
      id: changed,
      operation,
      changes: changes.slice(0, 50),
      change_count: changeCount,
      ...(collisions.length > 0 && { overlapping: collisions.map(({ path }) => path) }),
    })),
    proposal_version: version,
    ...(intent !== undefined && { intent }),
    ...(rule && { rule }),
    created: escalation.created,
    deadline: escalation.deadline,
    ...(decidedBy && { decided_by: { id: decidedBy.id, name: decidedBy.name }, decided_at: decidedAt }),
    ...(reason !== undefined && { reason }),
    ...(outcome && {
      outcome: {
        edited: outcome.edited,
        written: outcome.written.map(({ type, id: changed, version: now }) => ({
          type,
          id: changed,
          ...(now !== undefined && { version: now }),
        })),
      },
    }),
    ...(counter !== undefined && { counter_proposal: counter }),
    ...(counterTo !== undefined && { counter_to: counterTo }),
    ...(conflictId !== undefined && { conflict_id: conflictId }),
  };
}
