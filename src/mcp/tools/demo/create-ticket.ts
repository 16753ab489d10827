import { z } from 'zod';
import { formContent } from '../../form.ts';
import { defineTool } from '../tool.ts';
import { adds, askWithForm, initialDescription, ownerOf, ticketContent, ticketFields, ticketToWire } from './demo-fields.ts';

export const createTicket = defineTool({
  name: 'create_ticket',
  title: 'Create a ticket, with a form for what is missing',
  description:
    'Demonstration: creates a ticket. Where reporter_name or priority is missing it returns a form of the type "elicitation" instead: let the person fill it in, and call again with the values. Nothing is kept between the calls.',
  toolset: 'demo',
  scope: 'scim:write',
  annotations: adds,
  input: { initial_description: initialDescription, ...ticketFields.partial().shape },
  content: z.union([ticketContent, formContent]),
  async run({ demo }, actor, args, { person }) {
    const { initial_description, ...given } = args;
    const { reporter_name, reporter_email, priority } = given;
    const missing = Object.keys(ticketFields.shape).filter((name) => args[name as keyof typeof args] === undefined);
    if (reporter_name === undefined || priority === undefined)
      return askWithForm(
        'create_ticket',
        ticketFields,
        { message: 'A ticket needs a little more.', call: { tool: 'create_ticket', arguments: args } },
        missing,
      );
    const ticket = demo.tickets.create(ownerOf(actor), person.id, {
      description: initial_description,
      reporterName: reporter_name,
      reporterEmail: reporter_email,
      priority,
    });
    return { content: ticketToWire(ticket), metadata: { operation: 'create_ticket', ticket_id: ticket.id } };
  },
});
