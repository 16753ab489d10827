import { z } from 'zod';
import { defineTool, looks } from './tool.ts';

export const conflictReport = defineTool({
  name: 'scim_conflict_report',
  title: 'Learn from past conflicts',
  description:
    'Counts the conflicts of this tenant: by field, resource, pair of writers and hour, how they were resolved, how long that took, how many retries a success costs; with advice on what would avoid them. Look at it before you plan many changes.',
  toolset: 'collaboration',
  scope: 'scim:read',
  annotations: looks,
  input: {
    hours: z
      .int()
      .min(1)
      .max(24 * 90)
      .default(24)
      .describe('How far back to look.'),
  },
  content: z.looseObject({ conflicts: z.int(), advice: z.array(z.string()) }),
  async run({ directory }, actor, { hours }) {
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
      metadata: {
        operation: 'conflict_report',
        ...(isCut && { left_out: 'Older conflicts are not counted; ask for fewer hours.' }),
      },
    };
  },
});
