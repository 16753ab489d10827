import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diff } from '../diff.ts';
import { Directory } from '../directory.ts';
import { DirectoryError } from '../errors.ts';
import { changeDigest } from '../member-digest.ts';
import type { Actor, Resource, ResourceType } from '../resource.ts';
import { groupUrn, userUrn } from '../schema.ts';
import { versionOf } from '../version.ts';

let folder: string;
let directory: Directory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-laws-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});

afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

let tenants = 0;
async function newTenant(): Promise<string> {
  const id = `t${tenants++}`;
  await directory.tenants.create({ id, name: id });
  return id;
}

const actorIn = (tenant: string, over: Partial<Actor> = {}): Actor => ({
  id: 'kenji',
  name: 'Kenji',
  kind: 'system',
  door: 'window',
  tenant,
  scopes: ['scim:read', 'scim:write'],
  ...over,
});

const text = fc.constantFrom('a', 'b', 'c');
const fields = fc.record(
  {
    title: text,
    nickName: text,
    name: fc.record({ givenName: text, familyName: text }, { requiredKeys: [] }),
    emails: fc.uniqueArray(fc.record({ value: text, type: fc.constantFrom('work', 'home') }), {
      maxLength: 2,
      selector: ({ value }) => value,
    }),
    active: fc.boolean(),
  },
  { requiredKeys: [] },
);
/** One step of a story; the numbers choose among those who are, or were, there. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('addUser' as const), fields }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('addGroup' as const), who: fc.array(fc.nat(20), { maxLength: 3 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), at: fc.nat(20), fields }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      at: fc.nat(20),
      add: fc.array(fc.nat(20), { maxLength: 3 }),
      remove: fc.array(fc.nat(20), { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), at: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('revert' as const), at: fc.nat(40), back: fc.nat(6) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Lets a story happen; what the directory refuses does not. */
class Story {
  readonly users: string[] = [];
  readonly groups: string[] = [];

  async tell(actor: Actor, steps: readonly Step[]): Promise<void> {
    for (const one of steps)
      await this.#do(actor, one).catch((error: unknown) => {
        if (!(error instanceof DirectoryError)) throw error;
      });
  }

  async #do(actor: Actor, one: Step): Promise<void> {
    const { users, groups } = this;
    const user = (index: number) => users[index % users.length] ?? '';
    const group = (index: number) => groups[index % groups.length] ?? '';
    const [type, id]: [ResourceType, string] =
      'at' in one && one.at % 3 === 0 && groups.length > 0 ? ['Group', group(one.at)] : ['User', user('at' in one ? one.at : 0)];
    switch (one.do) {
      case 'addUser': {
        const record = { schemas: [userUrn], userName: `user${users.length}`, ...one.fields };
        return void users.push((await directory.create(actor, 'User', record)).resource.id);
      }
      case 'addGroup': {
        const members = [...new Set(one.who.map(user))].map((value) => ({ value }));
        const record = { schemas: [groupUrn], displayName: `group${groups.length}`, members };
        return void groups.push((await directory.create(actor, 'Group', record)).resource.id);
      }
      case 'change':
        return void (await directory.mergePatch(actor, 'User', user(one.at), one.fields));
      case 'move':
        return void (await directory.modifyMembers(actor, group(one.at), {
          add: one.add.map(user),
          remove: one.remove.map(user),
        }));
      case 'remove':
        return directory.delete(actor, type, id);
      case 'revert': {
        const { revisions } = await directory.history.list(actor, type, id, { limit: 10 });
        const { revision = 0 } = revisions[one.back % revisions.length] ?? {};
        return void (await directory.history.revert(actor, type, id, { to: { revision } }));
      }
    }
  }
}

interface State {
  version: string;
  resource: Resource;
  members: string[];
}

/** All that is in a tenant now, as it is asked for. */
async function now(actor: Actor): Promise<Map<string, State>> {
  const state = new Map<string, State>();
  for (const type of ['User', 'Group'] as const)
    for (const { resource, version } of (await directory.list(actor, type, { count: 200 })).rows) {
      const members = type === 'Group' ? await directory.members(actor, resource.id, { limit: 100 }) : [];
      state.set(`${type} ${resource.id}`, { version, resource, members: members.map(({ value }) => value) });
    }
  return state;
}

const versionsOf = (state: Map<string, State>) =>
  new Map([...state].map(([key, { version, members }]) => [key, { version, members }]));
const steps = (max: number) => fc.array(step, { minLength: 1, maxLength: max, size: 'max' });

test('all revisions, applied from nothing, are the directory as it is, members included; and at each moment what it was', async () => {
  const check = async (first: Step[], second: Step[]) => {
    const actor = actorIn(await newTenant());
    const story = new Story();
    const from = await directory.latestRevision();
    await story.tell(actor, first);
    const middle = { revision: await directory.latestRevision(), state: await now(actor) };
    await new Promise((resolve) => setTimeout(resolve, 3));
    const moment = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 3));
    await story.tell(actor, second);

    const replayed = new Map<string, State>();
    const revisions = await directory.changesSince(from, 1000);
    for (const { type, id, operation, resource, changes, members, version, previousVersion } of revisions) {
      const key = `${type} ${id}`;
      const before = replayed.get(key);
      expect(before?.version).toBe(previousVersion);
      const after = operation === 'delete' ? undefined : resource;
      expect(changes.filter(({ path }) => !path.startsWith('members'))).toEqual(diff(before?.resource, after));
      const ids = new Set(before?.members);
      for (const added of members?.added ?? []) expect(ids.has(added), 'who comes was not there').toBe(false);
      for (const removed of members?.removed ?? []) expect(ids.delete(removed), 'who goes was there').toBe(true);
      for (const added of members?.added ?? []) ids.add(added);
      if (!after) replayed.delete(key);
      else {
        replayed.set(key, { version, resource, members: [...ids].toSorted() });
        expect(versionOf(resource, changeDigest('', [...ids], []))).toBe(version);
      }
    }
    expect(replayed).toEqual(await now(actor));

    const past = await directory.history.asOf(actor, moment);
    const [users, groups] = [await past.users({ offset: 0, limit: 200 }), await past.groups({ offset: 0, limit: 200 })];
    const then = new Map<string, { version: string; members: string[] }>();
    for (const { id, version } of users.rows) then.set(`User ${id}`, { version, members: [] });
    for (const { id, version, memberCount } of groups.rows) {
      const members = (await past.members(id, { limit: 100 })).map(({ value }) => value);
      expect(memberCount).toBe(members.length);
      then.set(`Group ${id}`, { version, members });
    }
    expect(then).toEqual(versionsOf(middle.state));
    expect([users.total, groups.total]).toEqual([users.rows.length, groups.rows.length]);
    for (const [key, { resource }] of middle.state)
      expect(past.get(...(key.split(' ') as [ResourceType, string])).resource).toEqual(resource);
  };
  await fc.assert(fc.asyncProperty(steps(15), steps(15), check), { numRuns: 15 });
});

test('going back to the version that is there changes nothing; going back twice is going back once', async () => {
  const check = async (story: Step[], which: number, back: number) => {
    const actor = actorIn(await newTenant());
    const told = new Story();
    await told.tell(actor, story);
    const all = [...told.users.map((id) => ['User', id] as const), ...told.groups.map((id) => ['Group', id] as const)];
    const [type, id] = all[which % all.length] ?? ['User', ''];
    if (id === '') return;
    const current = await directory.get(actor, type, id).catch(() => undefined);
    if (current)
      expect(await directory.history.revert(actor, type, id, { to: { version: current.version } })).toMatchObject({
        changed: false,
      });
    const { revisions } = await directory.history.list(actor, type, id, { limit: 50 });
    const there = revisions.filter(({ operation }) => operation !== 'delete');
    const { revision = 0, version } = there[back % there.length] ?? {};
    const once = await directory.history.revert(actor, type, id, { to: { revision } });
    if (once.leftOut.length === 0) expect(once.version).toBe(version);
    const state = await now(actor);
    expect(await directory.history.revert(actor, type, id, { to: { revision } })).toMatchObject({ changed: false });
    expect(await now(actor)).toEqual(state);
  };
  await fc.assert(fc.asyncProperty(steps(20), fc.nat(), fc.nat(), check), { numRuns: 15 });
});

test('undoing a run, with nobody else in between, restores exactly what was', async () => {
  const check = async (before: Step[], run: Step[], atomic: boolean) => {
    const tenant = await newTenant();
    const actor = actorIn(tenant);
    const agent = actorIn(tenant, { id: 'claude', run: 'run' });
    const story = new Story();
    await story.tell(actor, before);
    const state = versionsOf(await now(actor));
    await story.tell(agent, run);
    const done = await directory.history
      .undo(actor, { author: 'claude', run: 'run' }, { atomic })
      .catch((error: unknown) => error as DirectoryError);
    if (!(done instanceof DirectoryError)) expect(done.resources.flatMap(({ conflicts }) => conflicts)).toEqual([]);
    else expect(done.code).toBe('NOT_FOUND');
    expect(versionsOf(await now(actor))).toEqual(state);
  };
  await fc.assert(fc.asyncProperty(steps(12), steps(12), fc.boolean(), check), { numRuns: 25 });
});
