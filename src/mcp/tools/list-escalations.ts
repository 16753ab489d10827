import { z } from 'zod';
import { escalationContent, toWire } from '../escalation.ts';
import { defineTool, looks } from './tool.ts';

export const listEscalations = defineTool({
  name: 'scim_list_escalations',
  title: 'List questions',
  description:
    'Lists changes that wait for an answer, or have got one, newest first: those that you have asked, and those that other agents ask you. With asked_of_me, only the latter.',
  toolset: 'collaboration',
  scope: 'scim:read',
  annotations: looks,
  input: {
    status: z.enum(['pending', 'approved', 'declined', 'expired', 'withdrawn', 'superseded']).optional(),
    asked_of_me: z.boolean().default(false).describe('Only what you are to answer with scim_answer_escalation.'),
    count: z.int().min(1).max(100).default(20),
    cursor: z.string().max(500).optional().describe('From metadata.next_cursor of the page before.'),
  },
  content: z.array(escalationContent),
  async run({ directory }, actor, { status, asked_of_me, count, cursor }) {
    const page = await directory.escalations.list(actor, {
      state: status,
      to: asked_of_me ? actor.id : undefined,
      cursor,
      limit: count,
    });
    return {
      content: page.escalations.map(toWire),
      metadata: {
        operation: 'list_escalations',
        ...(page.nextCursor !== undefined && { next_cursor: page.nextCursor }),
      },
    };
  },
});
