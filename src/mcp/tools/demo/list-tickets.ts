import { z } from 'zod';
import { defineTool, looks } from '../tool.ts';
import { ticketContent, ticketToWire } from './demo-fields.ts';
import { pageInput, pageMetadata, pageOf } from './demo-page.ts';

export const listTickets = defineTool({
  name: 'list_tickets',
  title: 'List tickets',
  description: 'Demonstration: lists the tickets that were created in this tenant, newest first.',
  toolset: 'demo',
  scope: 'scim:read',
  annotations: looks,
  input: pageInput,
  content: z.array(ticketContent),
  async run({ demo }, { tenant }, args) {
    const page = demo.tickets.list(tenant, pageOf(args));
    return { content: page.items.map(ticketToWire), metadata: { operation: 'list_tickets', ...pageMetadata(page) } };
  },
});
