import { z } from 'zod';
import { defineTool, looks } from '../tool.ts';
import { appointmentContent, appointmentToWire } from './demo-fields.ts';
import { pageInput, pageMetadata, pageOf } from './demo-page.ts';

export const listAppointments = defineTool({
  name: 'list_appointments',
  title: 'List appointments',
  description: 'Demonstration: lists the appointments that were booked in this tenant, newest first.',
  toolset: 'demo',
  scope: 'scim:read',
  annotations: looks,
  input: pageInput,
  content: z.array(appointmentContent),
  async run({ demo }, { tenant }, args) {
    const page = demo.appointments.list(tenant, pageOf(args));
    return { content: page.items.map(appointmentToWire), metadata: { operation: 'list_appointments', ...pageMetadata(page) } };
  },
});
