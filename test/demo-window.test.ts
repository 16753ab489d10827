import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { openWindow, startTestHost, windowClient, type TestHost } from './host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.close());

test('the window lists and deletes what the demonstration made, of the tenant that it shows', async () => {
  const window = windowClient(host.origin, await openWindow(host.app.openAddress()));
  await host.app.services.directory.tenants.add({ id: 'other', name: 'Other' });
  const client = new Client({ name: 'demo', version: '1' });
  const headers = { authorization: `Bearer ${await host.accessKey()}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${host.origin}/mcp/x/demo`), { requestInit: { headers } }));
  const wanted = { initial_description: 'The lift is stuck', reporter_name: 'Ada', priority: 'low' };
  for (const priority of ['low', 'high']) await client.callTool({ name: 'create_ticket', arguments: { ...wanted, priority } });
  const listed = await client.callTool({ name: 'list_tickets', arguments: { count: 1 } });
  const { metadata } = listed.structuredContent as { metadata: { total_results: number; next_cursor: string } };
  expect(metadata).toMatchObject({ total_results: 2, next_cursor: '2' });
  await client.close();

  const first = await window.demo.tickets.query({ tenant: 'default', limit: 1 });
  expect(first).toMatchObject({ total: 2, items: [{ id: 'T-2', priority: 'high' }], next: 2 });
  const second = await window.demo.tickets.query({ tenant: 'default', limit: 1, before: 2 });
  expect(second.items).toMatchObject([{ id: 'T-1', createdBy: { name: 'Test agent' } }]);
  expect(second.next).toBeUndefined();
  await expect(window.demo.deleteTicket.mutate({ tenant: 'other', id: 'T-1' })).rejects.toMatchObject({
    data: { httpStatus: 404 },
  });
  await window.demo.deleteTicket.mutate({ tenant: 'default', id: 'T-1' });
  expect(await window.demo.tickets.query({ tenant: 'default' })).toMatchObject({ total: 1 });
  expect(await window.demo.tickets.query({ tenant: 'other' })).toMatchObject({ total: 0 });
  expect(await window.demo.appointments.query({ tenant: 'default' })).toEqual({ items: [], total: 0 });
});
