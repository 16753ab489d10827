import { z } from 'zod';
import { formContent } from '../../form.ts';
import { Refusal } from '../../result.ts';
import { defineTool } from '../tool.ts';
import {
  adds,
  appointmentConfirmation,
  appointmentContent,
  appointmentDate,
  appointmentName,
  appointmentToWire,
  askWithForm,
  inWords,
  ownerOf,
} from './demo-fields.ts';

const all = z.object({ ...appointmentName.shape, ...appointmentDate.shape, ...appointmentConfirmation.shape });

export const bookAppointmentV2 = defineTool({
  name: 'book_appointment_v2',
  title: 'Book an appointment, asking on the way',
  description:
    'Demonstration: books an appointment. It asks the person three things through the client, one after the other: the name, the day, and whether it is right. What is given as an argument is not asked. ' +
    'A client that cannot ask gets a form of the type "elicitation" instead, and calls again with the values.',
  toolset: 'demo',
  scope: 'scim:write',
  annotations: adds,
  input: all.partial().shape,
  content: z.union([appointmentContent, formContent]),
  async run({ demo }, actor, args, { person }) {
    const missing = Object.keys(all.shape).filter((name) => args[name as keyof typeof args] === undefined);
    if (missing.length > 0 && !person.canAsk)
      return askWithForm(
        'book_appointment_v2',
        all,
        { message: 'Who is the appointment for, and when?', call: { tool: 'book_appointment_v2', arguments: args } },
        missing,
      );
    const { name } =
      args.name !== undefined
        ? { name: args.name }
        : await person.ask({ key: 'name', message: 'Who is the appointment for?', fields: appointmentName });
    const { date } =
      args.date !== undefined
        ? { date: args.date }
        : await person.ask({ key: 'date', message: `On which day should ${name} come?`, fields: appointmentDate });
    const { confirm } =
      args.confirm !== undefined
        ? { confirm: args.confirm }
        : await person.ask({
            key: 'confirm',
            message: `Book an appointment for ${name} on ${inWords(date)}?`,
            fields: appointmentConfirmation,
          });
    if (confirm === 'no')
      throw new Refusal({
        error: 'Nothing was booked: the person said no. Ask what should be different.',
        error_code: 'DECLINED',
      });
    const appointment = demo.appointments.book(ownerOf(actor), person.id, { name, date });
    return {
      content: appointmentToWire(appointment),
      metadata: { operation: 'book_appointment_v2', appointment_id: appointment.id },
    };
  },
});
