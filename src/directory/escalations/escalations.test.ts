import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory, groupUrn, userUrn, type Actor, type Versioned } from '../index.ts';
import type { Escalation } from './escalation.ts';

const agent: Actor = {
  id: 'key:1',
  name: 'HR agent',
  kind: 'agent',
  door: 'mcp',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
};
const second: Actor = { ...agent, id: 'key:2', name: 'IT agent' };
const person: Actor = {
  ...agent,
  id: 'administrator',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  scopes: ['scim:admin'],
};

let folder: string;
let now: Date;
let directory: Directory;
let ada: Versioned;
const open = async () => Directory.open(join(folder, 'directory.db'), { clock: () => now });
const restart = async () => {
  await directory.close();
  directory = await open();
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-escalations-'));
  now = new Date();
  directory = await open();
  ada = await directory.create(person, 'User', { schemas: [userUrn], userName: 'ada', title: 'Analyst', active: true });
  await setPolicy({ allAgents: { approval: { delete: true, attributes: ['title'], groups: ['Admins'] } }, deadlineMinutes: 60 });
});
afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const setPolicy = (policy: object) => directory.policy.update(person, policy, directory.policy.get(person).version);
const id = () => ada.resource.id;
const history = async () => (await directory.history.list(person, 'User', id(), { limit: 10 })).revisions;
const title = async () => (await directory.get(person, 'User', id())).resource['title'];
const titleTo = (value: string) => [{ op: 'replace', path: 'title', value }];
const retitle = (value: string, actor = agent) => directory.patch(actor, 'User', id(), titleTo(value));

/** The escalation that a write of an agent becomes. */
async function asked(write: Promise<unknown>): Promise<Escalation> {
  const error = await write.then(
    () => undefined,
    (refusal: unknown) => refusal,
  );
  expect(error).toMatchObject({ code: 'APPROVAL_NEEDED', escalationId: expect.any(String) as string });
  return directory.escalations.get(person, (error as { escalationId: string }).escalationId);
}

describe('a write that policy lets a person decide', () => {
  test('waits, with what it would do, and is done when it is approved, by its author', async () => {
    const escalation = await asked(retitle('Engineer'));
    expect(await title()).toBe('Analyst');
    expect(escalation).toMatchObject({
      kind: 'approval',
      state: 'pending',
      to: 'people',
      from: { id: 'key:1' },
      subject: { type: 'User', id: id(), name: 'ada' },
      rule: { id: 'all-agents/attributes' },
      proposed: [
        { currentVersion: ada.version, changes: [{ path: 'title', before: 'Analyst', after: 'Engineer' }], collisions: [] },
      ],
    });
    expect(directory.escalations.counts(person)).toEqual({ pending: 1 });
    const heard: string[] = [];
    directory.escalations.onChange(({ state }) => heard.push(state));
    const { escalation: approved, outdated } = await directory.escalations.decide(person, escalation.id, { approve: true });
    expect(outdated).toBeUndefined();
    expect(approved).toMatchObject({ state: 'approved', decidedBy: { id: 'administrator' }, outcome: { edited: false } });
    expect(heard).toEqual(['approved']);
    expect(await title()).toBe('Engineer');
    const [last] = await history();
    expect(last?.author).toMatchObject({
      id: 'key:1',
      approvedBy: { id: 'administrator', name: 'Administrator', escalation: escalation.id },
    });
    expect(approved.outcome?.written).toEqual([{ type: 'User', id: id(), version: last?.version, changed: true }]);
    expect(directory.escalations.counts(person)).toEqual({ pending: 0 });
  });

  test('is declined with a reason, withdrawn by its author, answered once', async () => {
    const first = await asked(retitle('Engineer'));
    const declined = await directory.escalations.decide(person, first.id, { approve: false, reason: ' Not yet. ' });
    expect(declined.escalation).toMatchObject({ state: 'declined', reason: 'Not yet.' });
    await expect(directory.escalations.decide(person, first.id, { approve: true })).rejects.toMatchObject({
      code: 'ALREADY_DECIDED',
    });
    const next = await asked(retitle('Engineer'));
    expect(next.id).not.toBe(first.id);
    await expect(directory.escalations.withdraw(person, next.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await directory.escalations.withdraw(agent, next.id)).toMatchObject({ state: 'withdrawn' });
    expect(await title()).toBe('Analyst');
  });

  test('two people at once: the first answer counts, and is done once', async () => {
    const escalation = await asked(retitle('Engineer'));
    const answers = await Promise.allSettled([
      directory.escalations.decide(person, escalation.id, { approve: true }),
      directory.escalations.decide({ ...person, id: 'other' }, escalation.id, { approve: false }),
    ]);
    expect(answers).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'ALREADY_DECIDED' } }]);
    expect(await title()).toBe('Engineer');
    expect(await history()).toHaveLength(2);
  });

  test('outlives the process; asked again, it is the same', async () => {
    const escalation = await asked(retitle('Engineer'));
    await restart();
    expect((await asked(retitle('Engineer'))).id).toBe(escalation.id);
    await directory.escalations.decide(person, escalation.id, { approve: true });
    expect(await title()).toBe('Engineer');
    // A create has a new id each time, and is the same question.
    await setPolicy({ allAgents: { approval: { attributes: ['title'] } } });
    const create = () => directory.create(agent, 'User', { schemas: [userUrn], userName: 'bob', title: 'Analyst' });
    const first = await asked(create());
    expect((await asked(create())).id).toBe(first.id);
    const { escalation: approved } = await directory.escalations.decide(person, first.id, { approve: true });
    expect((await directory.get(person, 'User', approved.outcome?.written[0]?.id ?? '')).resource['userName']).toBe('bob');
  });

  test('expires at its deadline, also while nothing runs', async () => {
    const first = await asked(retitle('Engineer'));
    now = new Date(now.getTime() + 61 * 60_000);
    await expect(directory.escalations.decide(person, first.id, { approve: true })).rejects.toMatchObject({
      code: 'ALREADY_DECIDED',
    });
    await restart();
    await expect.poll(async () => (await directory.escalations.get(person, first.id)).state).toBe('expired');
    expect(await title()).toBe('Analyst');
  });

  test('what others changed beside it stays, and it is done as it was approved', async () => {
    const whole = { ...ada.resource, title: 'Engineer' };
    const escalation = await asked(directory.replace(agent, 'User', id(), whole, { expectedVersion: ada.version }));
    await directory.mergePatch(person, 'User', id(), { nickName: 'Ada' });
    const { outdated } = await directory.escalations.decide(person, escalation.id, { approve: true });
    expect(outdated).toBeUndefined();
    expect((await directory.get(person, 'User', id())).resource).toMatchObject({ title: 'Engineer', nickName: 'Ada' });
  });

  test('what would do something else by now is shown anew, and waits', async () => {
    const escalation = await asked(retitle('Engineer'));
    await retitle('Chief', person);
    const answer = await directory.escalations.decide(person, escalation.id, { approve: true });
    expect(answer).toMatchObject({
      outdated: true,
      escalation: {
        state: 'pending',
        proposed: [
          {
            changes: [{ path: 'title', before: 'Chief', after: 'Engineer' }],
            collisions: [{ path: 'title', base: 'Analyst', mine: 'Engineer', theirs: 'Chief' }],
          },
        ],
      },
    });
    expect(await title()).toBe('Chief');
    const { version } = escalation;
    await expect(
      directory.escalations.decide(person, escalation.id, { approve: true, expectedVersion: version }),
    ).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
    await directory.escalations.decide(person, escalation.id, { approve: true, expectedVersion: answer.escalation.version });
    expect(await title()).toBe('Engineer');
  });

  test('is edited before it is approved, on what the person has seen', async () => {
    const escalation = await asked(retitle('Engineer'));
    const record = { ...escalation.proposed[0]?.resource, title: 'Senior analyst' };
    await directory.mergePatch(person, 'User', id(), { nickName: 'Ada' });
    const answer = await directory.escalations.decide(person, escalation.id, { approve: true, edited: { record } });
    expect(answer.outdated).toBe(true);
    const again = { ...answer.escalation.proposed[0]?.resource, title: 'Senior analyst' };
    const { escalation: approved } = await directory.escalations.decide(person, escalation.id, {
      approve: true,
      edited: { record: again },
    });
    expect(approved).toMatchObject({ state: 'approved', outcome: { edited: true } });
    expect((await directory.get(person, 'User', id())).resource).toMatchObject({ title: 'Senior analyst', nickName: 'Ada' });
  });

  test('is approved with a choice for each field that others changed too', async () => {
    const fields = { title: 'Engineer', nickName: 'Countess' };
    const escalation = await asked(directory.mergePatch(agent, 'User', id(), fields, { expectedVersion: ada.version }));
    await directory.mergePatch(person, 'User', id(), { title: 'Chief', nickName: 'Ada' });
    const answer = await directory.escalations.decide(person, escalation.id, { approve: true });
    expect(answer.outdated).toBe(true);
    const choose = (choices: Record<string, 'mine' | 'theirs'>) =>
      directory.escalations.decide(person, escalation.id, { approve: true, edited: { choices } });
    await expect(choose({ userName: 'theirs' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect((await choose({ title: 'theirs' })).escalation).toMatchObject({ state: 'approved', outcome: { edited: true } });
    expect((await directory.get(person, 'User', id())).resource).toMatchObject({ title: 'Chief', nickName: 'Countess' });
  });

  test('what cannot be done any more stays pending with the reason, or goes with what it was about', async () => {
    const create = await asked(directory.create(agent, 'User', { schemas: [userUrn], userName: 'bob', title: 'Analyst' }));
    await directory.create(person, 'User', { schemas: [userUrn], userName: 'Bob' });
    await expect(directory.escalations.decide(person, create.id, { approve: true })).rejects.toMatchObject({
      code: 'UNIQUENESS',
    });
    expect((await directory.escalations.get(person, create.id)).state).toBe('pending');
    const change = await asked(retitle('Engineer'));
    await directory.delete(person, 'User', id());
    await expect.poll(async () => (await directory.escalations.get(person, change.id)).state).toBe('superseded');
  });

  test('a password cannot wait', async () => {
    const password = 'correct horse battery staple';
    const write = directory.mergePatch(agent, 'User', id(), { title: 'Engineer', password });
    await expect(write).rejects.toMatchObject({ code: 'POLICY_REFUSED', rule: { id: 'all-agents/attributes' } });
    const { escalations } = await directory.escalations.list(person, { limit: 10 });
    expect(JSON.stringify(escalations)).not.toContain(password);
  });

  test('members of a group: who comes and goes is what is approved', async () => {
    const admins = await directory.create(person, 'Group', { schemas: [groupUrn], displayName: 'Admins' });
    const group = admins.resource.id;
    const bob = await directory.create(person, 'User', { schemas: [userUrn], userName: 'bob' });
    const escalation = await asked(directory.modifyMembers(agent, group, { add: [id()], remove: [] }));
    await directory.modifyMembers(person, group, { add: [bob.resource.id], remove: [] });
    expect((await directory.escalations.decide(person, escalation.id, { approve: true })).outdated).toBeUndefined();
    expect((await directory.members(person, group, { limit: 10 })).map(({ value }) => value).toSorted()).toEqual(
      [id(), bob.resource.id].toSorted(),
    );
    // A deletion takes the person out of the group, which is a change of the group.
    await setPolicy({ allAgents: { approval: { groups: ['Admins'] } } });
    const deletion = await asked(directory.delete(agent, 'User', id()));
    expect(deletion.rule?.id).toBe('all-agents/groups');
    await directory.escalations.decide(person, deletion.id, { approve: true });
    expect((await directory.get(person, 'Group', group)).members?.count).toBe(1);
  });

  test('a bulk request asks once: all of an atomic one, what needs it of the other', async () => {
    const operations = [
      { method: 'POST' as const, path: '/Users', bulkId: 'bob', data: { schemas: [userUrn], userName: 'bob', title: 'Analyst' } },
      { method: 'PATCH' as const, path: `/Users/${id()}`, data: [{ op: 'replace', path: 'nickName', value: 'Ada' }] },
      {
        method: 'POST' as const,
        path: '/Groups',
        data: { schemas: [groupUrn], displayName: 'Bobs', members: [{ value: 'bulkId:bob' }] },
      },
    ];
    const atomic = await asked(directory.bulk(agent, operations, { atomic: true }));
    expect(atomic.operations).toHaveLength(3);
    await directory.escalations.withdraw(agent, atomic.id);
    const results = await directory.bulk(agent, operations);
    expect(results.map(({ error }) => error?.code)).toEqual(['APPROVAL_NEEDED', undefined, 'APPROVAL_NEEDED']);
    expect(new Set(results.map(({ error }) => error?.escalationId)).size).toBe(2);
    const { escalation } = await directory.escalations.decide(person, results[0]?.error?.escalationId ?? '', { approve: true });
    const [bob, bobs] = escalation.outcome?.written ?? [];
    expect(bob?.id).toBe(results[0]?.id);
    expect((await directory.members(person, bobs?.id ?? '', { limit: 10 })).map(({ value }) => value)).toEqual([bob?.id]);
  });

  test('is bounded for each agent', async () => {
    for (let count = 0; count < 100; count++) await asked(retitle(`Title ${count}`));
    await expect(retitle('One too many')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await asked(retitle('Of another', second));
  });
});

describe('who sees and answers', () => {
  test('agents see their own only, answer none for people, and no tenant sees another', async () => {
    const escalation = await asked(retitle('Engineer'));
    expect(await directory.escalations.get(agent, escalation.id)).toEqual(escalation);
    await directory.tenants.add({ id: 'other', name: 'Other' });
    for (const stranger of [second, { ...person, tenant: 'other' }, { ...agent, tenant: 'other' }]) {
      await expect(directory.escalations.get(stranger, escalation.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(directory.escalations.decide(stranger, escalation.id, { approve: true })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      await expect(directory.escalations.withdraw(stranger, escalation.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect((await directory.escalations.list(stranger, { limit: 10 })).escalations).toEqual([]);
    }
    await expect(directory.escalations.decide(agent, escalation.id, { approve: true })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(directory.escalations.answer(agent, escalation.id, { answer: 'accept' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const reader = { ...person, scopes: ['scim:read' as const] };
    await expect(directory.escalations.decide(reader, escalation.id, { approve: true })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const user: Actor = { ...agent, kind: 'person', name: 'User of HR agent' };
    await setPolicy({ ...directory.policy.get(person).policy, askClient: false });
    await expect(directory.escalations.decide(user, escalation.id, { approve: true })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await setPolicy({ ...directory.policy.get(person).policy, askClient: true });
    await directory.escalations.decide(user, escalation.id, { approve: true });
    expect(await title()).toBe('Engineer');
  });

  test('lists go newest first, in pages', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count++) made.unshift((await asked(retitle(`Title ${count}`))).id);
    const first = await directory.escalations.list(person, { state: 'pending', to: 'people', limit: 3 });
    const rest = await directory.escalations.list(person, { state: 'pending', to: 'people', limit: 3, cursor: first.nextCursor });
    expect([...first.escalations, ...rest.escalations].map((escalation) => escalation.id)).toEqual(made);
    expect(rest.nextCursor).toBeUndefined();
    await expect(directory.escalations.list(person, { limit: 3, cursor: first.nextCursor })).rejects.toMatchObject({
      code: 'INVALID_CURSOR',
    });
  });

  test('waiting ends with the answer, with the time, or with the caller', async () => {
    const escalation = await asked(retitle('Engineer'));
    const wait = directory.escalations.wait(agent, escalation.id, { timeoutMs: 10_000 });
    const controller = new AbortController();
    const gone = directory.escalations.wait(agent, escalation.id, { timeoutMs: 10_000, signal: controller.signal });
    controller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    expect((await directory.escalations.wait(agent, escalation.id, { timeoutMs: 1 })).state).toBe('pending');
    await directory.escalations.decide(person, escalation.id, { approve: true });
    expect((await wait).state).toBe('approved');
  });
});

describe('agents negotiate', () => {
  const propose = (to: string, path: string, value: string) =>
    directory.escalations.create(agent, {
      kind: 'negotiation',
      to,
      operations: [{ kind: 'patch', type: 'User', id: id(), body: [{ op: 'replace', path, value }] }],
      lenient: true,
      intent: 'We call her so.',
    });

  test('one asks a connected one, which accepts, declines, or proposes something else', async () => {
    await expect(propose(second.id, 'nickName', 'A')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    directory.escalations.seen(second);
    directory.escalations.seen(agent);
    await expect(propose(agent.id, 'nickName', 'A')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const accepted = await propose(second.id, 'nickName', 'A');
    expect(accepted).toMatchObject({ kind: 'negotiation', to: second.id, intent: 'We call her so.' });
    await expect(directory.escalations.answer(agent, accepted.id, { answer: 'accept' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await directory.escalations.answer(second, accepted.id, { answer: 'accept' });
    const [last] = await history();
    expect(last).toMatchObject({ author: { id: agent.id, approvedBy: { id: second.id } }, resource: { nickName: 'A' } });
    const declined = await propose(second.id, 'nickName', 'B');
    const { escalation } = await directory.escalations.answer(second, declined.id, { answer: 'decline', reason: 'No.' });
    expect(escalation).toMatchObject({ state: 'declined', reason: 'No.' });
    const countered = await propose(second.id, 'nickName', 'C');
    const answer = await directory.escalations.answer(second, countered.id, {
      answer: 'counter',
      patch: [{ op: 'replace', path: 'nickName', value: 'D' }],
    });
    expect(answer.escalation).toMatchObject({ state: 'superseded', counter: expect.any(String) as string });
    const counter = await directory.escalations.get(agent, answer.escalation.counter ?? '');
    expect(counter).toMatchObject({ from: { id: second.id }, to: agent.id, counterTo: countered.id });
    await directory.escalations.answer(agent, counter.id, { answer: 'accept' });
    expect((await directory.get(person, 'User', id())).resource['nickName']).toBe('D');
  });

  test('a person asks an agent to make its change again: it is the agent’s write, under its policy, or goes back to people', async () => {
    const { id: agentId, name, kind, door } = second;
    const again = (path: string, value: string, actor = person) =>
      directory.escalations.create(actor, {
        kind: 'negotiation',
        author: { id: agentId, name, kind, door },
        to: second.id,
        operations: [{ kind: 'patch', type: 'User', id: id(), body: [{ op: 'replace', path, value }] }],
        lenient: true,
      });
    expect(directory.escalations.canAsk(person, second.id)).toBe(false);
    await expect(again('nickName', 'A')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    directory.escalations.seen(second);
    expect(directory.escalations.canAsk(person, second.id)).toBe(true);
    await expect(again('nickName', 'A', agent)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const accepted = await again('nickName', 'A');
    expect(accepted).toMatchObject({ from: { id: second.id }, asks: { id: person.id }, to: second.id });
    await directory.escalations.answer(second, accepted.id, { answer: 'accept' });
    expect((await history())[0]).toMatchObject({ author: { id: second.id }, resource: { nickName: 'A' } });
    const { escalation: handed } = await directory.escalations.answer(second, (await again('title', 'Chief')).id, {
      answer: 'accept',
    });
    expect(handed).toMatchObject({ state: 'pending', to: 'people', rule: { id: 'all-agents/attributes' } });
    const patch = [{ op: 'replace', path: 'nickName', value: 'C' }];
    const answer = await directory.escalations.answer(second, (await again('nickName', 'B')).id, { answer: 'counter', patch });
    const counter = await directory.escalations.get(person, answer.escalation.counter ?? '');
    expect(counter).toMatchObject({ from: { id: second.id }, to: 'people' });
    now = new Date(now.getTime() + 31 * 60_000);
    expect(directory.escalations.canAsk(person, second.id)).toBe(false);
  });

  test('no agent lets another do what policy lets a person decide, or refuses', async () => {
    directory.escalations.seen(second);
    const escalation = await propose(second.id, 'title', 'Engineer');
    const { escalation: handed } = await directory.escalations.answer(second, escalation.id, { answer: 'accept' });
    expect(handed).toMatchObject({ state: 'pending', kind: 'approval', to: 'people', rule: { id: 'all-agents/attributes' } });
    expect(await title()).toBe('Analyst');
    await directory.escalations.decide(person, escalation.id, { approve: true });
    expect(await title()).toBe('Engineer');
    // What was proposed has its version, also when it is merged with what others changed since.
    await setPolicy({ allAgents: { expectedVersion: 'mandatory' } });
    const merged = await propose(second.id, 'nickName', 'Ada');
    await directory.mergePatch(person, 'User', id(), { displayName: 'Ada L.' });
    expect((await directory.escalations.answer(second, merged.id, { answer: 'accept' })).escalation.state).toBe('approved');
    const refused = await propose(second.id, 'title', 'Chief');
    await setPolicy({ allAgents: { readOnly: true } });
    await expect(directory.escalations.answer(second, refused.id, { answer: 'accept' })).rejects.toMatchObject({
      code: 'POLICY_REFUSED',
    });
    expect(await title()).toBe('Engineer');
  });
});
