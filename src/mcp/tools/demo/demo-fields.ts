import { z } from 'zod';
import type { Actor } from '../../../directory/index.ts';
import { priorities, type Appointment, type Owner, type Ticket } from '../../../demo/index.ts';
import { formFields, type Form } from '../../form.ts';
import type { Success, Tool } from '../tool.ts';

export const initialDescription = z
  .string()
  .trim()
  .min(1, 'Say what the ticket is about.')
  .max(2000)
  .describe('What the ticket is about, in the words of the person.');

/** A name of a person. */
const personName = (title: string) =>
  z
    .string()
    .trim()
    .min(1, 'Give a name.')
    .max(120, 'A name has at most 120 characters.')
    .meta({ title, description: 'First and last name' });

/** What a ticket needs beside its description; the same for a form, a question and the arguments of a call. */
export const ticketFields = z.object({
  reporter_name: personName('Who reports it'),
  priority: z.enum(priorities, 'Choose one of: low, medium, high.').meta({ title: 'Priority' }),
  reporter_email: z
    .email('Give an email address such as ada@example.com, or leave it out.')
    .max(254)
    .meta({ title: 'Email', description: 'Where to answer. May be left out.' })
    .optional(),
});

const yearMs = 366 * 24 * 60 * 60_000;

/** YYYY-MM-DD of a moment, where this computer is. */
const dayOf = (at: Date) =>
  `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;

export const appointmentName = z.object({ name: personName('Name') });

export const appointmentDate = z.object({
  date: z.iso
    .date({ error: 'Give a day as YYYY-MM-DD, for example 2027-01-31.', abort: true })
    .refine((date) => date >= dayOf(new Date()), 'This day is over. Choose today or a later one.')
    .refine((date) => date <= dayOf(new Date(Date.now() + yearMs)), 'Choose a day within a year from now.')
    .meta({ title: 'Day', description: 'Today or later, within a year' }),
});

export const appointmentConfirmation = z.object({
  confirm: z.enum(['yes', 'no'], 'Choose yes or no.').meta({ title: 'Book it?' }),
});

/** A day in words, for example "Friday, 4 December 2026". */
export function inWords(date: string): string {
  const words = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-GB', words).format(new Date(`${date}T00:00:00Z`));
}

export const ticketContent = z.looseObject({
  ticket_id: z.string(),
  description: z.string(),
  reporter_name: z.string(),
  reporter_email: z.string().optional(),
  priority: z.enum(priorities),
  created: z.string(),
});

export const appointmentContent = z.looseObject({
  appointment_id: z.string(),
  name: z.string(),
  date: z.string(),
  created: z.string(),
});

/** A ticket in the wire's spelling. */
export function ticketToWire({ id, reporterName, reporterEmail, createdBy, ...rest }: Ticket) {
  return {
    ticket_id: id,
    reporter_name: reporterName,
    ...(reporterEmail !== undefined && { reporter_email: reporterEmail }),
    created_by: createdBy,
    ...rest,
  };
}

/** An appointment in the wire's spelling. */
export function appointmentToWire({ id, createdBy, ...rest }: Appointment) {
  return { appointment_id: id, created_by: createdBy, ...rest };
}

export function ownerOf({ tenant, id, name }: Actor): Owner {
  return { tenant, id, name };
}

/** Hints of tools that add something of their own each time. */
export const adds: Tool['annotations'] = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};

/**
 * Asks with a form (seed 002's V1): nothing is kept here; the call that it names, with the values, does it all.
 * @param only the names of the fields that are still missing.
 */
export function askWithForm(
  operation: string,
  fields: z.ZodObject,
  form: Pick<Form, 'message' | 'call' | 'url'>,
  only?: readonly string[],
): Success {
  const content: Form = { type: 'elicitation', elicitation_type: 'form', ...form, fields: formFields(fields, only) };
  return { content, metadata: { operation, elicitation: 'form' }, text: JSON.stringify(content) };
}
