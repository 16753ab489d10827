import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, Resource } from '../resource.ts';
import { judge, type Circumstances, type Proposal } from './judge.ts';
import { openPolicy, policySchema, type Policy } from './policy.ts';
import { isQuiet, quietEndsInMs } from './quiet-hours.ts';

const agent = { id: 'key:1', name: 'HR agent', kind: 'agent' } as const;
const noon: Circumstances = { now: new Date('2026-11-18T12:00:00Z'), inCall: 1, inHour: 1 };
const policy = (given: object): Policy => policySchema.parse(given);
const ada: Resource = { schemas: [], id: 'ada', userName: 'ada', active: true, title: 'Analyst' };
const changing = (path: string, after: Json, more: Partial<Proposal> = {}): Proposal => ({
  key: { tenant: 'default', type: 'User', id: 'ada' },
  operation: 'patch',
  current: { resource: ada, version: 'v1' },
  resource: { ...ada, ...(/^\w+$/.test(path) && { [path]: after }) },
  changes: [{ path, after }],
  ...more,
});
const deleting = changing('userName', '', { operation: 'delete', resource: ada });

describe('a policy', () => {
  test('lets everything be where nothing is said', () => {
    for (const proposal of [changing('title', 'Engineer'), changing('active', false), deleting])
      expect(judge(openPolicy, agent, proposal, { ...noon, inCall: 1000, inHour: 1000 })).toEqual({ verdict: 'apply' });
  });

  test.each<[object, Proposal, string, string]>([
    [{ readOnly: true }, changing('title', 'x'), 'refuse', 'readOnly'],
    [{ expectedVersion: 'mandatory' }, changing('title', 'x'), 'refuse', 'expectedVersion'],
    [{ approval: { delete: true } }, deleting, 'approval', 'delete'],
    [{ approval: { deactivate: true } }, changing('active', false), 'approval', 'deactivate'],
    [{ approval: { attributes: ['title'] } }, changing('title', 'x'), 'approval', 'attributes'],
    [{ approval: { attributes: ['emails'] } }, changing('emails[type eq "work"].value', 'x'), 'approval', 'attributes'],
    [{ approval: { attributes: ['emails'] } }, changing('emails[value eq "a]b:c"].display', 'x'), 'approval', 'attributes'],
    [{ approval: { attributes: ['name.familyName'] } }, changing('name', 'x'), 'approval', 'attributes'],
    [
      { approval: { attributes: ['department'] } },
      changing('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', 'x'),
      'approval',
      'attributes',
    ],
    [{ quietHours: quiet('refuse') }, changing('title', 'x'), 'refuse', 'quietHours'],
    [{ quietHours: quiet('approval') }, changing('title', 'x'), 'approval', 'quietHours'],
  ])('%j', (allAgents, proposal, verdict, rule) => {
    const judgement = judge(policy({ allAgents }), agent, proposal, noon);
    expect(judgement).toMatchObject({ verdict, rule: { id: `all-agents/${rule}` } });
    expect(judgement.rule?.says).toMatch(/^For all agents: .+\.$/);
  });

  test('does not take one attribute for another', () => {
    const listed = policy({ allAgents: { approval: { attributes: ['name', 'title', 'department'] } } });
    for (const path of ['nickName', 'userName', 'emails[value eq "title"].type', 'displayName'])
      expect(judge(listed, agent, changing(path, 'x'), noon).verdict).toBe('apply');
  });

  test('counts resources of a call and of an hour, but not what follows from a write', () => {
    const limited = policy({ allAgents: { approval: { perCall: 10, perHour: 20 } } });
    const verdict = (circumstances: Partial<Circumstances>, more: Partial<Proposal> = {}) =>
      judge(limited, agent, changing('title', 'x', more), { ...noon, ...circumstances }).rule?.id;
    expect(verdict({ inCall: 10, inHour: 20 })).toBeUndefined();
    expect(verdict({ inCall: 11 })).toBe('all-agents/perCall');
    expect(verdict({ inHour: 21 })).toBe('all-agents/perHour');
    expect(verdict({ inHour: 21 }, { follows: true })).toBeUndefined();
  });

  test('guards a group under its id and its names: members, its name, its deletion', () => {
    const group: Resource = { schemas: [], id: 'g1', displayName: 'Admins' };
    const proposal: Proposal = {
      key: { tenant: 'default', type: 'Group', id: 'g1' },
      operation: 'patch',
      current: { resource: group, version: 'v1' },
      resource: group,
      changes: [],
      members: { add: ['ada'], remove: [] },
    };
    const renamed = { ...group, displayName: 'Others' };
    for (const groups of [['g1'], ['ADMINS']]) {
      const listed = policy({ allAgents: { approval: { groups } } });
      const judged = (more: Partial<Proposal>) => judge(listed, agent, { ...proposal, ...more }, noon).rule?.id;
      expect(judged({})).toBe('all-agents/groups');
      expect(judged({ follows: true })).toBe('all-agents/groups');
      expect(judged({ operation: 'delete', members: undefined })).toBe('all-agents/groups');
      expect(judged({ members: undefined, resource: renamed, changes: [{ path: 'displayName', after: 'Others' }] })).toBe(
        'all-agents/groups',
      );
      expect(judged({ members: undefined, changes: [{ path: 'externalId', after: '1' }] })).toBeUndefined();
    }
  });

  test('says something else of one client, by id or name', () => {
    const mixed = policy({
      allAgents: { readOnly: true, approval: { delete: true, deactivate: true } },
      clients: [
        { client: 'key:1', readOnly: false, approval: { deactivate: false } },
        { client: 'Okta', readOnly: false, approval: { perCall: 1 } },
      ],
    });
    expect(judge(mixed, agent, changing('active', false), noon)).toEqual({ verdict: 'apply' });
    expect(judge(mixed, agent, deleting, noon).rule?.id).toBe('all-agents/delete');
    const okta = { ...agent, id: 'key:2', name: 'Okta' };
    const many = judge(mixed, okta, changing('title', 'x'), { ...noon, inCall: 2 });
    expect(many.rule).toEqual({
      id: 'client:Okta/perCall',
      says: 'For Okta: changes to more than 1 resource in one call need approval.',
    });
    expect(judge(mixed, { ...agent, id: 'key:3', name: 'Other' }, deleting, noon).rule?.id).toBe('all-agents/readOnly');
  });

  test('holds quiet hours by the clock of their time zone, past midnight too', () => {
    const night = { timeZone: 'Europe/Berlin', from: '22:00', to: '06:00', days: ['fri'], writes: 'refuse' } as const;
    const at = (time: string) => isQuiet({ ...night, days: ['fri'] }, new Date(time));
    expect(at('2026-11-20T20:59:00Z')).toBe(false);
    expect(at('2026-11-20T21:00:00Z')).toBe(true);
    expect(at('2026-11-21T04:59:00Z')).toBe(true);
    expect(at('2026-11-21T05:00:00Z')).toBe(false);
    expect(at('2026-11-21T21:30:00Z')).toBe(false);
    expect(at('2026-07-17T20:00:00Z')).toBe(true);
  });

  test('says when quiet hours end, over midnight, over a change of the clocks, and not where they never do', () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
    const hours = (from: string, to: string, on: readonly (typeof days)[number][] = days) => ({
      timeZone: 'Europe/Berlin',
      from,
      to,
      days: [...on],
      writes: 'refuse' as const,
    });
    const left = (quietHours: ReturnType<typeof hours>, time: string) => quietEndsInMs(quietHours, new Date(time)) / 60_000;
    expect(left(hours('22:00', '06:00'), '2026-11-20T21:30:30Z')).toBe(449.5);
    // Clocks go back at 03:00 on 25 October.
    expect(left(hours('22:00', '06:00'), '2026-10-24T20:00:00Z')).toBe(9 * 60);
    expect(left(hours('22:00', '06:07', ['fri']), '2026-11-20T21:00:00Z')).toBe(8 * 60 + 7);
    expect(left(hours('22:00', '06:00'), '2026-11-20T12:00:00Z')).toBe(0);
    expect(left(hours('00:00', '00:00'), '2026-11-20T12:00:00Z')).toBe(0);
  });

  test('is never about people, is the same each time, and names a rule wherever it does not apply', () => {
    const any = fc.record({
      readOnly: fc.boolean(),
      expectedVersion: fc.constantFrom('optional', 'mandatory'),
      approval: fc.record({
        delete: fc.boolean(),
        deactivate: fc.boolean(),
        attributes: fc.subarray(['title', 'emails', 'active']),
        perCall: fc.option(fc.integer({ min: 1, max: 5 })),
        perHour: fc.option(fc.integer({ min: 1, max: 5 })),
      }),
    });
    const proposals = fc.constantFrom(changing('title', 'x'), changing('active', false), deleting);
    const circumstances = fc.record({ inCall: fc.integer({ min: 1, max: 9 }), inHour: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(any, proposals, circumstances, (allAgents, proposal, counts) => {
        const given = policy({ allAgents });
        expect(judge(given, { ...agent, kind: 'person' }, proposal, { ...noon, ...counts })).toEqual({ verdict: 'apply' });
        const judgement = judge(given, agent, proposal, { ...noon, ...counts });
        expect(judge(given, agent, proposal, { ...noon, ...counts })).toEqual(judgement);
        expect(judgement.rule === undefined).toBe(judgement.verdict === 'apply');
        // An entry for the client that says nothing changes nothing.
        const same = policy({ allAgents, clients: [{ client: agent.id }] });
        expect(judge(same, agent, proposal, { ...noon, ...counts })).toEqual(judgement);
        // What the policy says alike of the client, it says in its name.
        const own = policy({ clients: [{ client: agent.id, ...allAgents }] });
        const owned = judge(own, agent, proposal, { ...noon, ...counts });
        expect(owned.verdict).toBe(judgement.verdict);
        expect(owned.rule?.id).toBe(judgement.rule?.id.replace('all-agents', 'client:key:1'));
      }),
    );
  });
});

function quiet(writes: 'approval' | 'refuse') {
  return { timeZone: 'UTC', from: '11:00', to: '13:00', days: ['wed'], writes };
}
