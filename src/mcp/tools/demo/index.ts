/** The tools of the demonstration (seed 002), off unless somebody turns them on. */
import type { Tool } from '../tool.ts';
import { bookAppointmentV2 } from './book-appointment-v2.ts';
import { createTicketV2 } from './create-ticket-v2.ts';
import { createTicket } from './create-ticket.ts';
import { listAppointments } from './list-appointments.ts';
import { listTickets } from './list-tickets.ts';
import { login } from './login.ts';
import { simpleTool } from './simple-tool.ts';

export const demoTools: readonly Tool[] = [
  simpleTool,
  createTicket,
  createTicketV2,
  bookAppointmentV2,
  login,
  listTickets,
  listAppointments,
];
