import type { Rule } from '../intent.ts';

const ticket =
  /^(?:(?:create|open|file|raise|make|add|report) (?:a |an |the )?(?:new )?)ticket\b(?<steps>,? (?:step by step|with questions|v2)\b)?[ :,-]*(?:(?:that says|saying|about|because|for|that)\b)?[ :,-]*(?<about>.*)$/is;

/** Understands what is asked of the demonstration's tools: tickets, appointments, and who the person is. */
export const demo: Rule = (text) => {
  const { steps, about } = ticket.exec(text)?.groups ?? {};
  if (about !== undefined) {
    if (about.trim() === '')
      return { kind: 'unclear', hint: 'What is the ticket about? Say “Create a ticket: the printer is broken”.' };
    const tool = steps === undefined ? 'create_ticket' : 'create_ticket_v2';
    return { kind: 'demo', tool, args: { initial_description: about.trim() } };
  }
  const booked = /^(?:book|make|arrange|schedule)(?: me)? (?:an |a |the )?(?:new )?appointment(?: for (.+))?$/i.exec(text);
  if (booked) {
    const [, name] = booked;
    return { kind: 'demo', tool: 'book_appointment_v2', args: name === undefined ? {} : { name } };
  }
  if (/^(?:log|sign) (?:me )?in$|^log ?in$|^who am i$/i.test(text)) return { kind: 'demo', tool: 'login', args: {} };
  const listed = /^(?:list|show|show me|what are) (?:the |all |my |our )*(tickets|appointments)$/i.exec(text);
  if (listed?.[1]) return { kind: 'demo', tool: `list_${listed[1].toLowerCase() as 'tickets' | 'appointments'}`, args: {} };
  const echoed = /^(?:echo|process) (.+)$/is.exec(text);
  return echoed?.[1] === undefined ? undefined : { kind: 'demo', tool: 'simple_tool', args: { message: echoed[1] } };
};
