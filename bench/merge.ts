/** The three-way merge: of two users with 40 attributes each, and of two groups of 10,000 members with 100 changes a side. */
import { merge, type Resource } from '../src/directory/index.ts';
import { heading, print } from './measure.ts';

const user = (side: number): Resource => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  id: '1',
  userName: 'jo',
  ...Object.fromEntries(
    Array.from({ length: 33 }, (_, at) => [`attribute${at}`, at % 7 === side ? `changed by ${side}` : `value ${at}`]),
  ),
  name: { givenName: 'Jo', familyName: side === 1 ? 'Doe' : 'Smith', formatted: 'Jo Smith' },
  emails: ['work', 'home', 'other'].map((type, at) => ({ type, value: at === side ? 'new@example.com' : `${type}@example.com` })),
  phoneNumbers: ['work', 'mobile'].map((type) => ({ type, value: '+1 555 0100' })),
  addresses: [{ type: 'work', locality: side === 2 ? 'Lisbon' : 'Toronto', country: 'CA' }],
});

const members = 10_000;
const moved = 100;
const group = (left: number, added: string): Resource => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
  id: '1',
  displayName: 'Everyone',
  members: [
    ...Array.from({ length: members }, (_, at) => ({ value: `member-${at}`, display: `Member ${at}`, type: 'User' })).filter(
      (_, at) => at < left || at >= left + moved / 2,
    ),
    ...(added === ''
      ? []
      : Array.from({ length: moved / 2 }, (_, at) => ({ value: `${added}-${at}`, display: `New ${at}`, type: 'User' }))),
  ],
});

function time(name: string, aimMs: number, turns: number, work: () => unknown): void {
  for (let turn = 0; turn < turns / 5; turn++) work();
  const times = Array.from({ length: turns }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  }).toSorted((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? Number.NaN).toFixed(3);
  print(`  ${name}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (aim: p99 under ${aimMs})`);
}

heading('Three-way merge');
const [base, mine, theirs] = [user(0), user(1), user(2)];
time('two users of 40 attributes', 0.2, 5000, () => merge(base, mine, theirs));
const [all, few, others] = [group(members, ''), group(0, 'mine'), group(1000, 'theirs')];
time('two groups of 10,000 members, 100 changes a side', 30, 100, () => merge(all, few, others));
