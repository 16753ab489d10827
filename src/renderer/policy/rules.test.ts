import { expect, test } from 'vitest';
import type { Policy, PolicySettings } from '../../directory/pure.ts';
import { differences, placeOf, rebase, toDraft, toPolicy } from './rules.ts';

const approval: PolicySettings['approval'] = {
  delete: false,
  deactivate: false,
  attributes: [],
  groups: [],
  perCall: null,
  perHour: null,
};
const open: PolicySettings = {
  readOnly: false,
  approval,
  onCleanMerge: 'confirm',
  onOverlap: 'reject',
  expectedVersion: 'optional',
  staleBody: 'refuse',
  retryBudget: { retries: 300, perMinutes: 1 },
  quietHours: null,
};

type Given = Partial<Omit<Policy, 'allAgents'>> & {
  allAgents?: Partial<Omit<PolicySettings, 'approval'>> & { approval?: Partial<PolicySettings['approval']> };
};

function policy({ allAgents = {}, ...given }: Given): Policy {
  return {
    clients: [],
    askClient: true,
    waitSeconds: 25,
    deadlineMinutes: 1440,
    ...given,
    allAgents: { ...open, ...allAgents, approval: { ...approval, ...allAgents.approval } },
  };
}

const draft = (given: Given) => toDraft(policy(given));

test('a policy is the same after it was a draft', () => {
  const whole = policy({
    allAgents: { approval: { delete: true, groups: ['Admins'] }, onOverlap: 'ask' },
    clients: [
      { client: 'key:1', approval: { delete: false }, staleBody: 'warn' },
      { client: 'key:2', readOnly: true },
    ],
    waitSeconds: 3,
  });
  expect(toPolicy(toDraft(whole))).toEqual(whole);
  expect(toPolicy(draft({}))).toEqual(policy({}));
});

test('differences are told by rule and client', () => {
  const before = draft({ clients: [{ client: 'a', readOnly: true }] });
  const after = draft({ allAgents: { approval: { perHour: 5 } }, clients: [{ client: 'b', approval: { delete: true } }] });
  expect(differences(before, after)).toEqual([
    { name: 'perHour', before: null, after: 5 },
    { client: 'a', name: 'readOnly', before: true },
    { client: 'b', name: 'delete', after: true },
  ]);
  expect(differences(after, after)).toEqual([]);
});

test('what two people changed is brought together, mine where both changed the same', () => {
  const base = draft({
    clients: [
      { client: 'a', readOnly: true },
      { client: 'gone', readOnly: true },
    ],
  });
  const mine = draft({
    allAgents: { approval: { delete: true }, onOverlap: 'ask' },
    clients: [{ client: 'a', readOnly: false }, { client: 'mine' }],
    waitSeconds: 1,
  });
  const theirs = draft({
    allAgents: { approval: { deactivate: true }, onOverlap: 'reject', readOnly: true },
    clients: [
      { client: 'a', readOnly: true, staleBody: 'warn' },
      { client: 'gone', readOnly: true },
      { client: 'theirs', readOnly: true },
    ],
  });
  const both = rebase(base, mine, theirs);
  expect(both).toMatchObject({
    waitSeconds: 1,
    allAgents: { delete: true, deactivate: true, onOverlap: 'ask', readOnly: true },
  });
  expect(both.clients).toEqual([
    { client: 'a', rules: { readOnly: false, staleBody: 'warn' } },
    { client: 'theirs', rules: { readOnly: true } },
    { client: 'mine', rules: {} },
  ]);
});

test('an issue has its place in the form', () => {
  expect(placeOf('allAgents.approval.attributes.0')).toEqual({ name: 'attributes' });
  expect(placeOf('clients.1.quietHours.timeZone')).toEqual({ index: 1, name: 'quietHours' });
  expect(placeOf('waitSeconds')).toEqual({ name: 'waitSeconds' });
});
