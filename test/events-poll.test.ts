import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifier, type Received } from './events-host.ts';
import { newGroup, newUser, patchOf, startScim, urns, type Call, type ScimHost } from './scim-host.ts';

const prov = 'urn:ietf:params:scim:event:prov';
let scim: ScimHost;
let call: Call;
let verify: ReturnType<typeof verifier>;
let streams: ScimHost['host']['app']['services']['eventStreams'];

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
  verify = verifier(scim.host.origin);
  streams = scim.host.app.services.eventStreams;
});
afterAll(() => scim.close());

let made = 0;
const addStream = async (form: 'notice' | 'full' = 'full', tenant = 'default') =>
  (await streams.add(tenant, { name: `receiver-${++made}`, form })).name;

const now = { returnImmediately: true };
const polled = async (stream: string, request: object = now, by = call) => {
  const { status, body, headers } = await by('POST', `/events/${stream}`, request, { 'content-type': 'application/json' });
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^application\/json/)]);
  const { sets, moreAvailable } = body as { sets: Record<string, string>; moreAvailable: boolean };
  const events = await Promise.all(Object.values(sets).map((token) => verify(token, stream)));
  expect(events.map(({ jti }) => jti)).toEqual(Object.keys(sets));
  return { events, jtis: Object.keys(sets), moreAvailable };
};
const acknowledge = (stream: string, ack: string[]) => polled(stream, { ack, maxEvents: 0 });
const eventsOf = ({ events }: Received) => Object.keys(events);

test('nothing is said, kept or found until a stream is added', async () => {
  const config = async (by = call) => (await by('GET', '/ServiceProviderConfig')).body;
  expect(await config()).not.toHaveProperty('securityEvents');
  expect((await call('POST', '/events/payroll', {})).status).toBe(404);
  expect(await streams.list('default')).toEqual([]);
  const stream = await addStream('notice');
  const { securityEvents } = await config();
  expect(securityEvents.asyncRequest).toBe('none');
  expect(securityEvents.eventUris).toEqual([
    `${prov}:create:notice`,
    `${prov}:patch:notice`,
    `${prov}:put:notice`,
    `${prov}:delete`,
    `${prov}:activate`,
    `${prov}:deactivate`,
  ]);
  expect(await config(await scim.callAs({ tenant: 'other' }))).not.toHaveProperty('securityEvents');
  const get = await call('GET', `/events/${stream}`);
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  await streams.remove('default', stream);
  expect(await config()).not.toHaveProperty('securityEvents');
});

describe('what an event tells', () => {
  test('in full, the resource as it is then, and what was changed of it', async () => {
    const before = await call('POST', '/Users', newUser());
    const stream = await addStream();
    const user = (await call('POST', '/Users', newUser({ externalId: 'hr-1', password: 'Tr0ub4dor&3', nickName: 'Old' }))).body;
    await call(
      'PATCH',
      `/Users/${user.id}`,
      patchOf(
        { op: 'replace', path: 'name.familyName', value: 'Jensen' },
        { op: 'remove', path: 'nickName' },
        { op: 'add', path: 'emails', value: [{ type: 'work', value: 'a@example.com', primary: true }] },
        { op: 'replace', path: `${urns.enterprise}:department`, value: 'Sales' },
      ),
    );
    const put = (await call('PUT', `/Users/${user.id}`, { ...newUser(), externalId: 'hr-1', active: false })).body;
    await call('PATCH', `/Users/${user.id}`, patchOf({ op: 'replace', path: 'active', value: true }));
    await call('PATCH', `/Users/${user.id}`, patchOf({ op: 'replace', path: 'password', value: 'c0rrect-h0rse' }));
    await call('DELETE', `/Users/${user.id}`);
    const { events, moreAvailable } = await polled(stream);
    expect(moreAvailable).toBe(false);
    const [created, patched, replaced, activated, password, deleted] = events;
    expect(events).toHaveLength(6);
    expect(created).toEqual({
      iss: scim.host.origin,
      aud: stream,
      iat: Math.floor(Date.parse(user.meta.created) / 1000),
      jti: expect.stringMatching(/^[\w-]{22}$/),
      txn: expect.stringMatching(/^[\w-]{22}$/),
      sub_id: { format: 'scim', uri: `/Users/${user.id}`, externalId: 'hr-1' },
      events: { [`${prov}:create:full`]: { version: user.meta.version, data: user } },
    });
    const { version, data } = patched?.events[`${prov}:patch:full`] ?? {};
    expect(version).toMatch(/^W\/".+"$/);
    expect(data).toEqual({
      schemas: [urns.patch],
      Operations: expect.arrayContaining([
        { op: 'replace', path: 'name.familyName', value: 'Jensen' },
        { op: 'remove', path: 'nickName' },
        { op: 'replace', path: 'emails', value: [{ type: 'work', value: 'a@example.com', primary: true }] },
        { op: 'replace', path: `${urns.enterprise}:department`, value: 'Sales' },
      ]),
    });
    expect(data.Operations).toHaveLength(4);
    const { created: _created, ...meta } = put.meta;
    expect(replaced?.events).toEqual({
      [`${prov}:put:full`]: { version: put.meta.version, data: { ...put, meta } },
      [`${prov}:deactivate`]: {},
    });
    expect(activated && eventsOf(activated)).toEqual([`${prov}:patch:full`, `${prov}:activate`]);
    expect(password?.events).toEqual({
      [`${prov}:patch:notice`]: { version: expect.any(String), attributes: ['password'] },
    });
    expect(deleted?.events).toEqual({ [`${prov}:delete`]: {} });
    const text = JSON.stringify(events);
    for (const secret of ['Tr0ub4dor', 'c0rrect', before.body.id]) expect(text).not.toContain(secret);
  });

  test('the operations of an event bring a copy to where the resource is', async () => {
    const stream = await addStream();
    const emails = [
      { type: 'work', value: 'w@example.com', primary: true },
      { type: 'home', value: 'h@example.com' },
    ];
    const user = (await call('POST', '/Users', newUser({ emails, name: { givenName: 'A', familyName: 'B' } }))).body;
    const other = await scim.callAs({ tenant: 'other' });
    const copy = (await other('POST', '/Users', newUser({ emails, name: { givenName: 'A', familyName: 'B' } }))).body;
    await call(
      'PATCH',
      `/Users/${user.id}`,
      patchOf(
        { op: 'remove', path: 'emails[type eq "home"]' },
        { op: 'replace', path: 'emails[type eq "work"].value', value: 'new@example.com' },
        { op: 'remove', path: 'name.givenName' },
        { op: 'add', path: 'phoneNumbers', value: [{ type: 'work', value: '555' }] },
        { op: 'replace', path: 'userName', value: 'changed@example.com' },
      ),
    );
    const { events } = await polled(stream);
    const { data } = events[1]?.events[`${prov}:patch:full`] ?? {};
    await other('PATCH', `/Users/${copy.id}`, data);
    const content = ({ id: _id, meta: _meta, ...rest }: Record<string, unknown>) => rest;
    expect(content((await other('GET', `/Users/${copy.id}`)).body)).toEqual(
      content((await call('GET', `/Users/${user.id}`)).body),
    );
  });

  test('as a notice, the names of attributes and nothing of what is in them', async () => {
    const stream = await addStream('notice');
    const user = (await call('POST', '/Users', newUser({ title: 'Analyst', emails: [{ value: 'x@example.com' }] }))).body;
    await call(
      'PATCH',
      `/Users/${user.id}`,
      patchOf({ op: 'replace', path: 'emails[value eq "x@example.com"].value', value: 'y@example.com' }),
    );
    await call('PUT', `/Users/${user.id}`, { ...newUser(), userName: user.userName, title: 'Engineer', active: false });
    const { events } = await polled(stream);
    expect(events.map((event) => event.events)).toEqual([
      { [`${prov}:create:notice`]: { version: user.meta.version, attributes: ['id', 'userName', 'title', 'emails'] } },
      { [`${prov}:patch:notice`]: { version: expect.any(String), attributes: ['emails'] } },
      {
        [`${prov}:put:notice`]: {
          version: expect.any(String),
          attributes: expect.arrayContaining(['emails', 'title', 'active']),
        },
        [`${prov}:deactivate`]: {},
      },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/Engineer|Analyst|@example\.com"(?!,"events)/);
  });

  test('of a group, who came and who left', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 3; index++) ids.push((await call('POST', '/Users', newUser())).body.id);
    const [a = '', b = '', c = ''] = ids;
    const full = await addStream('full');
    const notice = await addStream('notice');
    const group = (await call('POST', '/Groups', newGroup({ members: [{ value: a }] }))).body;
    await call('PATCH', `/Groups/${group.id}`, patchOf({ op: 'add', path: 'members', value: [{ value: b }, { value: c }] }));
    await call('PUT', `/Groups/${group.id}`, newGroup({ displayName: 'Renamed', members: [{ value: c }] }));
    await call('DELETE', `/Users/${c}`);
    const { events } = await polled(full);
    expect(events.map((event) => [event.sub_id.uri, event.events])).toEqual([
      [`/Groups/${group.id}`, { [`${prov}:create:full`]: expect.objectContaining({ version: group.meta.version }) }],
      [
        `/Groups/${group.id}`,
        {
          [`${prov}:patch:full`]: {
            version: expect.any(String),
            data: {
              schemas: [urns.patch],
              Operations: [{ op: 'add', path: 'members', value: expect.arrayContaining([{ value: b }, { value: c }]) }],
            },
          },
        },
      ],
      [
        `/Groups/${group.id}`,
        {
          [`${prov}:patch:full`]: {
            version: expect.any(String),
            data: {
              schemas: [urns.patch],
              Operations: [
                { op: 'replace', path: 'displayName', value: 'Renamed' },
                ...[a, b].toSorted().map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })),
              ],
            },
          },
        },
      ],
      [`/Groups/${group.id}`, { [`${prov}:patch:full`]: expect.anything() }],
      [`/Users/${c}`, { [`${prov}:delete`]: {} }],
    ]);
    expect(events[0]?.events[`${prov}:create:full`].data).toMatchObject({ id: group.id, members: [{ value: a }] });
    const notices = (await polled(notice)).events;
    expect(notices.map(({ events: told }) => Object.entries(told)[0]?.[1].attributes)).toEqual([
      ['id', 'displayName', 'members'],
      ['members'],
      ['displayName', 'members'],
      ['members'],
      undefined,
    ]);
    // One transaction in both streams, but a token of its own in each.
    expect(notices.map(({ txn }) => txn)).toEqual(events.map(({ txn }) => txn));
    expect(new Set([...notices, ...events].map(({ jti }) => jti)).size).toBe(10);
  });
});

describe('a poll', () => {
  test('gives the same until it is acknowledged, in lots, and never again after', async () => {
    const stream = await addStream('notice');
    for (let index = 0; index < 5; index++) await call('POST', '/Users', newUser());
    const all = await polled(stream);
    expect([all.jtis.length, all.moreAvailable]).toEqual([5, false]);
    expect((await polled(stream)).jtis).toEqual(all.jtis);
    const lot = await polled(stream, { ...now, maxEvents: 2 });
    expect([lot.jtis, lot.moreAvailable]).toEqual([all.jtis.slice(0, 2), true]);
    // Not in order: the first one still waits.
    const [first = '', second = '', third = '', ...rest] = all.jtis;
    const rested = await polled(stream, { ...now, ack: [second, third, 'of-nobody'] });
    expect(rested.jtis).toEqual([first, ...rest]);
    const setErrs = { [first]: { err: 'invalid_request', description: 'no\u0000t mine' } };
    const left = await polled(stream, { ...now, ack: rest.slice(0, 1), setErrs });
    expect(left.jtis).toEqual(rest.slice(1));
    const [status] = (await streams.list('default')).filter(({ name }) => name === stream);
    expect(status?.waiting).toEqual({ count: 1, hasMore: false });
    expect(status?.problem?.message).toBe(`The receiver refused the event ${first} (invalid_request): no t mine`);
    expect(await acknowledge(stream, left.jtis)).toMatchObject({ jtis: [], moreAvailable: false });
    const [settled] = (await streams.list('default')).filter(({ name }) => name === stream);
    expect(settled).toMatchObject({ state: 'up to date', waiting: { count: 0 } });
    expect(settled).not.toHaveProperty('problem');
  });

  test('goes through more changes than are looked ahead', async () => {
    const stream = await addStream('notice');
    for (let round = 0; round < 2; round++) {
      const Operations = Array.from({ length: 600 }, () => ({ method: 'POST', path: '/Users', data: newUser() }));
      expect((await call('POST', '/Bulk', { schemas: [urns.bulk], Operations })).status).toBe(200);
    }
    const seen: string[] = [];
    for (let ack: string[] = []; ;) {
      const { body } = await call('POST', `/events/${stream}`, { ...now, ack, maxEvents: 700 });
      ack = Object.keys(body.sets);
      seen.push(...ack);
      expect(body.moreAvailable).toBe(seen.length < 1200);
      if (!body.moreAvailable) break;
    }
    expect([seen.length, new Set(seen).size]).toEqual([1200, 1200]);
  });

  test('waits for a change, and gives way to the next poll', async () => {
    const stream = await addStream('notice');
    const older = polled(stream, {});
    const newer = polled(stream, {});
    // Whichever came first ends without events when the other comes.
    expect((await Promise.race([older, newer])).jtis).toEqual([]);
    await call('POST', '/Users', newUser());
    const answers = await Promise.all([older, newer]);
    expect(answers.flatMap(({ jtis }) => jtis)).toHaveLength(1);
  });

  test('ends when the access ends, and gives nothing', async () => {
    const stream = await addStream('notice');
    const { key, id } = await scim.host.app.accessKeys.create({ tenant: 'default', scopes: ['scim:read'], name: 'Receiver' });
    const url = `${scim.root}/events/${stream}`;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const waiting = fetch(url, { method: 'POST', headers, body: '{}' });
    await scim.host.app.accessKeys.revoke(id);
    await call('POST', '/Users', newUser());
    expect((await waiting).status).toBe(401);
    expect(await streams.poll('default', stream, {}, { signal: AbortSignal.timeout(1), until: 0 })).toMatchObject({ sets: {} });
  });

  test('is refused where it is wrong', async () => {
    // Made before, since its agent is a change too.
    const writer = await scim.callAs({ scopes: ['scim:write'] });
    const stream = await addStream('notice');
    for (const [request, path] of [
      [{ ack: 'x' }, 'ack'],
      [{ maxEvents: -1 }, 'maxEvents'],
      [{ returnImmediately: 'yes' }, 'returnImmediately'],
      [{ setErrs: { x: {} } }, 'setErrs.x.err'],
      [[], 'body'],
    ] as const) {
      const { status, body } = await call('POST', `/events/${stream}`, request);
      expect([status, body.scimType, body.detail]).toEqual([400, 'invalidValue', expect.stringContaining(path)]);
    }
    expect((await writer('POST', `/events/${stream}`, {})).status).toBe(403);
    expect((await streams.list('default')).find(({ name }) => name === stream)?.waiting.count).toBe(0);
  });
});

describe('tenants', () => {
  test('see nothing of each other', async () => {
    const other = await scim.callAs({ tenant: 'other' });
    const [ours, theirs] = [await addStream(), await addStream('full', 'other')];
    await call('POST', '/Users', newUser({ title: 'Ours' }));
    await other('POST', '/Users', newUser({ title: 'Theirs' }));
    for (const [by, stream] of [
      [call, theirs],
      [other, ours],
    ] as const)
      expect((await by('POST', `/events/${stream}`, now)).status).toBe(404);
    expect((await other('POST', `/t/default/events/${ours}`, now)).status).toBe(404);
    const mine = await polled(ours);
    const yours = await polled(theirs, now, other);
    expect([mine, yours].map(({ events }) => events.map(({ events: told }) => told[`${prov}:create:full`].data.title))).toEqual([
      ['Ours'],
      ['Theirs'],
    ]);
    // A receipt for another stream's event is none.
    await polled(ours, { ...now, ack: yours.jtis });
    expect((await polled(theirs, now, other)).jtis).toEqual(yours.jtis);
  });

  test('that are suspended give nothing, and go on where they were; those that are deleted take their streams along', async () => {
    const { tenants } = scim.directory;
    await tenants.add({ id: 'short', name: 'Short' });
    const by = await scim.callAs({ tenant: 'short' });
    const stream = await addStream('notice', 'short');
    const waiting = by('POST', `/events/${stream}`, {});
    await tenants.update('short', { state: 'suspended' });
    await scim.directory.create(scim.host.app.services.administrator('short'), 'User', newUser());
    expect((await waiting).status).toBe(403);
    expect((await streams.list('short'))[0]?.state).toBe('suspended');
    await tenants.update('short', { state: 'active' });
    expect((await polled(stream, now, by)).jtis).toHaveLength(1);
    await tenants.delete('short');
    await tenants.settled();
    await expect(streams.list('short')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await tenants.add({ id: 'short', name: 'Short again' });
    expect(await streams.list('short')).toEqual([]);
    expect((await scim.directory.eventStreams()).filter(({ tenant }) => tenant === 'short')).toEqual([]);
  });
});
