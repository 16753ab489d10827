import { z } from 'zod';
import { defineTool, looks } from '../tool.ts';

export const simpleTool = defineTool({
  name: 'simple_tool',
  title: 'Process a message',
  description: 'Demonstration: takes a message and answers that it was processed. It does nothing else.',
  toolset: 'demo',
  scope: 'scim:read',
  annotations: looks,
  input: { message: z.string().min(1).max(10_000).describe('Any text.') },
  content: z.object({ text: z.string() }),
  async run(_services, _actor, { message }) {
    const text = `Processed: ${message}`;
    return { content: { text }, metadata: { operation: 'simple_tool' }, text };
  },
});
