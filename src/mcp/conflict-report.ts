import { z } from 'zod';
import type { Actor, Directory } from '../directory/index.ts';

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
  const { isCut, retriesPerSuccess, medianResolutionMs, byStrategy, byKind, byHour, ...same } = report;
  return {
    content: {
      ...same,
      retries_per_success: retriesPerSuccess,
      median_resolution_ms: medianResolutionMs,
      by_strategy: byStrategy,
      by_kind: byKind,
      by_hour_utc: byHour,
    },
    isCut,
  };
}
