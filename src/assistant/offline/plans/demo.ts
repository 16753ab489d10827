import type { Intent } from '../intent.ts';
import { say, tried, type Work } from '../step.ts';
import { bullets, counted } from '../text.ts';

type Content = Record<string, unknown>;

/** A value as the tools have it: a text or a number. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Calls a tool of the demonstration, which asks the person for what it needs, and tells what came of it. */
export function* demo({ tool, args }: Extract<Intent, { kind: 'demo' }>): Work {
  const { success, content } = yield* tried(tool, args);
  if (!success) return say(`It was not done: ${content.error ?? 'no reason was given'}`);
  return say(tellings[tool](content));
}

/** The tools, and what is said of what they answer. */
const tellings: Record<Extract<Intent, { kind: 'demo' }>['tool'], (content: Content) => string> = {
  create_ticket: ticket,
  create_ticket_v2: ticket,
  book_appointment_v2: ({ name, date }) =>
    name === undefined ? 'No appointment was booked.' : `Booked: ${textOf(name)} on ${textOf(date)}.`,
  login: ({ name, email }) => `You are ${textOf(name)}${email === undefined ? '' : `, ${textOf(email)}`}.`,
  simple_tool: ({ text }) => textOf(text),
  list_tickets: (content) =>
    listed(content, 'ticket', ({ description, priority, reporter_name: name }) => [description, priority, name]),
  list_appointments: (content) => listed(content, 'appointment', ({ name, date }) => [name, date]),
};

function ticket({ type, description, priority, reporter_name: name }: Content): string {
  return type === 'elicitation'
    ? 'No ticket was created: what it still needed was not filled in.'
    : `Created a ticket of ${textOf(priority)} priority for ${textOf(name)}: ${textOf(description)}`;
}

function listed(content: Content, what: string, of: (one: Content) => unknown[]): string {
  const all = content as unknown as Content[];
  if (all.length === 0) return `There is no ${what} yet.`;
  return `${counted(all.length, what, `${what}s`)}:\n${bullets(all.map((one) => of(one).map(textOf).join(', ')))}`;
}
