/**
 * What the REST benchmark compares with: scimmy-routers on express 4, as its documentation sets it up, with people in a Map.
 * Nothing is on disk, and user names are unique as SCIM wants them. Express runs as in production.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import SCIMMY from 'scimmy';
import { SCIMMYRouters } from 'scimmy-routers';
import { samplePeople } from '../src/directory/sample.ts';

process.env['NODE_ENV'] = 'production';

type Person = Record<string, unknown> & { id: string; userName: string; meta: { created: Date; lastModified: Date } };
const people = new Map<string, Person>();
const userNames = new Map<string, string>();

function write(id: string, record: Record<string, unknown>): Person {
  const userName = String(record['userName']);
  const owner = userNames.get(userName.toLowerCase());
  if (owner !== undefined && owner !== id) throw new SCIMMY.Types.Error(409, 'uniqueness', 'The user name is taken.');
  const before = people.get(id);
  if (before) userNames.delete(before.userName.toLowerCase());
  const now = new Date();
  const person = { ...record, id, userName, meta: { created: before?.meta.created ?? now, lastModified: now } };
  people.set(id, person);
  userNames.set(userName.toLowerCase(), id);
  return person;
}

SCIMMY.Resources.declare(SCIMMY.Resources.User, {
  extensions: [{ schema: SCIMMY.Schemas.EnterpriseUser, attributes: [] }],
  egress(resource: { id?: string; filter?: { match(values: Person[]): Person[] } }) {
    if (resource.id !== undefined) {
      const found = people.get(resource.id);
      if (!found) throw new SCIMMY.Types.Error(404, '', `Resource ${resource.id} not found`);
      return found;
    }
    const all = [...people.values()];
    return resource.filter ? resource.filter.match(all) : all;
  },
  ingress: (resource: { id?: string }, record: Record<string, unknown>) => write(resource.id ?? randomUUID(), { ...record }),
  degress: (resource: { id: string }) => void people.delete(resource.id),
});
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);

const ids = samplePeople(Number(process.argv[2]), 'bench.example').map(({ record }) => write(randomUUID(), record).id);
const app = express();
app.use('/scim', new SCIMMYRouters({ type: 'bearer', handler: () => 'bench' }));
const server = createServer(app);
server.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.stdout.write(`${JSON.stringify({ scim: `${origin}/scim`, ids })}\n`);
});
process.once('SIGTERM', () => process.exit());
