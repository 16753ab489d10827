/** The demonstration of seed 002: tickets, appointments, and signing in at a mock provider. */
export type { Appointment } from './appointments.ts';
export { Demo } from './demo.ts';
export { DemoError } from './error.ts';
export type { DemoPage, Owner } from './owner.ts';
export { createLoginRoutes, type LoginOptions } from './login-routes.ts';
export type { Identity, SignIn } from './sign-ins.ts';
export { priorities, type Priority, type Ticket } from './tickets.ts';
