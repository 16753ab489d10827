import { z } from 'zod';
import type { Actor, Advice, Directory } from '../directory/index.ts';

/** What the resource reports of. */
export const usualHours = 24;

export const conflictReportContent = z.looseObject({ conflicts: z.int(), advice: z.array(z.string()) });

/**
 * What the conflicts of the actor's tenant were about, in the wire's spelling.
 * @param hours how far back.
 */
export async function conflictReportOf(
  directory: Directory,
  actor: Actor,
  hours: number,
): Promise<{ content: z.infer<typeof conflictReportContent>; isCut: boolean }> {
  const report = await directory.conflicts.report(actor, hours);
  const { isCut, advice, retriesPerSuccess, medianResolutionMs, byStrategy, byKind, byHour, ...same } = report;
  return {
    content: {
      ...same,
      advice: advice.map(sentenceOf),
      retries_per_success: retriesPerSuccess,
      median_resolution_ms: medianResolutionMs,
      by_strategy: byStrategy,
      by_kind: byKind,
      by_hour_utc: byHour,
    },
    isCut,
  };
}

/** Advice in a sentence for an agent: it names the tools and arguments that would help. */
function sentenceOf(advice: Advice): string {
  switch (advice.code) {
    case 'PAIR': {
      const { refused, other, field, hour } = advice;
      const when = hour === undefined ? '' : ` around ${String(hour).padStart(2, '0')}:00 UTC`;
      const on = field === undefined ? '' : ` on ${field}`;
      const how = field?.startsWith('members')
        ? 'add and remove members by set (scim_modify_group_members)'
        : 'use PATCH, and announce edits with scim_begin_edit';
      return `${refused} and ${other} collide${on}${when}: ${how}.`;
    }
    case 'STALE_BODIES':
      return `${advice.conflicts} writes would have undone what others changed: let ${advice.authors.join(', ')} patch single fields instead of sending whole records back.`;
    case 'NO_OVERLAP':
      return `${advice.conflicts} of ${advice.of} conflicts overlapped in no field: the policy can merge such writes at once (onCleanMerge: apply).`;
    case 'ONE_RESOURCE':
      return `More than half of all conflicts are about ${advice.name}: let one agent at a time work on it, or make its changes in one call.`;
    case 'GAVE_UP':
      return `${advice.conflicts} writers gave up after retries: let them wait for retry_after_ms, or settle with scim_resolve_conflict.`;
  }
}
