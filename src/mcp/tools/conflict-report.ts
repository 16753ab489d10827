import { z } from 'zod';
import { conflictReportContent, conflictReportOf, usualHours } from '../conflict-report.ts';
import { defineTool, looks } from './tool.ts';

export const conflictReport = defineTool({
  name: 'scim_conflict_report',
  title: 'Learn from past conflicts',
  description:
    'Counts the conflicts of this tenant: by field, resource, pair of writers and hour, how they were resolved, how long that took, how many retries a success costs; with advice on what would avoid them. Look at it before you plan many changes.',
  toolset: 'collaboration',
  isRare: true,
  scope: 'scim:read',
  annotations: looks,
  input: {
    hours: z
      .int()
      .min(1)
      .max(24 * 90)
      .default(usualHours)
      .describe('How far back to look.'),
  },
  content: conflictReportContent,
  async run({ directory }, actor, { hours }) {
    const { content, isCut } = await conflictReportOf(directory, actor, hours);
    return {
      content,
      metadata: {
        operation: 'conflict_report',
        ...(isCut && { left_out: 'Older conflicts are not counted; ask for fewer hours.' }),
      },
    };
  },
});
