import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { Appointment, DemoPage, Ticket } from '../demo/index.ts';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const page = z.object({
  tenant,
  limit: z.int().min(1).max(100).default(20),
  /** `next` of the page before. */
  before: z.int().min(0).optional(),
});
const one = z.object({ tenant, id: z.string().min(1).max(20) });

/** Deletes, and maps the one thing that can be wrong. */
function gone(action: () => void): void {
  try {
    action();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    if (code !== 'NOT_FOUND') throw error;
    throw new TRPCError({ code: 'NOT_FOUND', message: message ?? 'It is not here any more.', cause: error });
  }
}

/** What the tools of the demonstration have made: tickets and appointments. */
export const demo = router({
  tickets: procedure.input(page).query(({ ctx, input: { tenant, ...query } }): DemoPage<Ticket> => {
    ctx.directory.tenants.get(tenant);
    return ctx.demo.tickets.list(tenant, query);
  }),

  appointments: procedure.input(page).query(({ ctx, input: { tenant, ...query } }): DemoPage<Appointment> => {
    ctx.directory.tenants.get(tenant);
    return ctx.demo.appointments.list(tenant, query);
  }),

  deleteTicket: procedure.input(one).mutation(({ ctx, input }) => gone(() => ctx.demo.tickets.delete(input.tenant, input.id))),

  deleteAppointment: procedure
    .input(one)
    .mutation(({ ctx, input }) => gone(() => ctx.demo.appointments.delete(input.tenant, input.id))),
});
