import { expect, test, vi } from 'vitest';
import type { FieldChange, Member } from '../../directory/pure.ts';
import { MemberList, type MemberSource } from './member-list.ts';

const person = (value: string, display = value): Member => ({ value, type: 'User', display });
const coming = (member: Member): FieldChange => ({ path: `members[value eq "${member.value}"]`, after: { ...member } });
const going = (member: Member): FieldChange => ({ path: `members[value eq "${member.value}"]`, before: { ...member } });
const step = (from: string, to: string, ...changes: FieldChange[]) => ({
  operation: 'patch' as const,
  previousVersion: from,
  version: to,
  changes,
});

/** A group whose pages are given out one by one, when the test says so. */
function held() {
  const waiting: ((answer: { members: Member[]; isLast: boolean }) => void)[] = [];
  const state = { version: 'v1', asked: 0 };
  const source: MemberSource = {
    version: () => Promise.resolve(state.version),
    page: () => {
      state.asked++;
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
  const answer = async (members: Member[], isLast = true) => {
    await vi.waitFor(() => expect(waiting).not.toHaveLength(0));
    waiting.shift()?.({ members, isLast });
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { source, answer, state };
}

const shown = (list: MemberList) => list.state.shown.map(({ display }) => display);

test('members of several pages are shown by name, groups first', async () => {
  const { source, answer } = held();
  const list = new MemberList(source, () => undefined);
  await answer([person('1', 'Zoe'), { value: '2', type: 'Group', display: 'Platform' }], false);
  expect(list.state).toMatchObject({ loading: true, complete: false, read: 2 });
  await answer([person('3', 'ada')]);
  expect(shown(list)).toEqual(['Platform', 'ada', 'Zoe']);
  expect(list.state).toMatchObject({ loading: false, complete: true });
});

test('who leaves while a page is under way is not brought back by it, who comes is there', async () => {
  const { source, answer } = held();
  const list = new MemberList(source, () => undefined);
  await answer([person('1')], false);
  list.receive(step('v1', 'v2', going(person('2')), coming(person('0'))));
  list.receive(step('v2', 'v3', going(person('1'))));
  await answer([person('2'), person('3')]);
  expect(shown(list)).toEqual(['0', '3']);
});

test('a change is taken over without reading anything again, and a name too', async () => {
  const { source, answer, state } = held();
  const list = new MemberList(source, () => undefined);
  await answer([person('1', 'Zoe')]);
  list.receive(step('v1', 'v2', coming(person('2', 'Ada'))));
  list.rename('1', 'Abel');
  expect(shown(list)).toEqual(['Abel', 'Ada']);
  list.expect('v2');
  expect(state.asked).toBe(1);
});

test('a missing change, or one of very many, has all of them read again', async () => {
  const { source, answer, state } = held();
  const list = new MemberList(source, () => undefined);
  await answer([person('1')]);
  list.receive(step('v2', 'v3', coming(person('3'))));
  expect(shown(list)).toEqual(['1']);
  state.version = 'v3';
  list.expect('v3');
  await answer([person('1'), person('2'), person('3')]);
  expect(shown(list)).toEqual(['1', '2', '3']);
  list.receive(step('v3', 'v4', { path: 'members', before: 3, after: 5000 }));
  await answer([person('4')]);
  expect(shown(list)).toEqual(['4']);
});

test('what a deleted group had stays known, so that it can be brought back', async () => {
  const { source, answer } = held();
  const list = new MemberList(source, () => undefined);
  await answer([person('1')]);
  list.receive({ ...step('v1', 'v1', going(person('1'))), operation: 'delete' });
  expect(shown(list)).toEqual(['1']);
});

test('a failure is told, and a new try mends it', async () => {
  let fails = true;
  const source: MemberSource = {
    version: () => Promise.resolve('v1'),
    page: () => (fails ? Promise.reject(new Error('away')) : Promise.resolve({ members: [person('1')], isLast: true })),
  };
  const list = new MemberList(source, () => undefined);
  await vi.waitFor(() => expect(list.state).toMatchObject({ loading: false, error: new Error('away') }));
  fails = false;
  await list.load();
  expect(list.state.error).toBeUndefined();
  expect(shown(list)).toEqual(['1']);
});
