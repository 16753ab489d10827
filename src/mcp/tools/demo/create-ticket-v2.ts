import { z } from 'zod';
import { formContent } from '../../form.ts';
import { defineTool } from '../tool.ts';
import { adds, askWithForm, initialDescription, ownerOf, ticketContent, ticketFields, ticketToWire } from './demo-fields.ts';

export const createTicketV2 = defineTool({
  name: 'create_ticket_v2',
  title: 'Create a ticket, asking on the way',
  description:
    'Demonstration: creates a ticket. It pauses, asks the person for what is missing through the client, and goes on with the answer. A client that cannot ask gets a form of the type "elicitation" for create_ticket instead.',
  toolset: 'demo',
  scope: 'scim:write',
  annotations: adds,
  input: { initial_description: initialDescription },
  content: z.union([ticketContent, formContent]),
  async run({ demo }, actor, { initial_description }, { person }) {
    if (!person.canAsk)
      return askWithForm('create_ticket_v2', ticketFields, {
        message: 'A ticket needs a little more.',
        call: { tool: 'create_ticket', arguments: { initial_description } },
      });
    const { reporter_name, reporter_email, priority } = await person.ask({
      key: 'ticket',
      message: `A new ticket: “${initial_description}”. Who reports it, and how urgent is it?`,
      fields: ticketFields,
    });
    const ticket = demo.tickets.create(ownerOf(actor), person.id, {
      description: initial_description,
      reporterName: reporter_name,
      reporterEmail: reporter_email,
      priority,
    });
    return { content: ticketToWire(ticket), metadata: { operation: 'create_ticket_v2', ticket_id: ticket.id } };
  },
});
