import { nameOf } from '../../record.ts';
import type { Intent } from '../intent.ts';
import { findGroup, groupsCalled, somePeople } from '../lookup.ts';
import { say, type Work } from '../step.ts';
import { bullets, counted, peopleText, shownMax } from '../text.ts';

/** Lists or counts people. "Who is in Managers" may also mean a group. */
export function* find({ people, answer }: Extract<Intent, { kind: 'find' }>): Work {
  if ('named' in people) return say('');
  const { users, total } = yield* somePeople(people, answer === 'count' && people.terms.length === 0 ? 0 : shownMax);
  const [only, ...more] = people.terms;
  if (total === 0 && only?.kind === 'place' && more.length === 0 && (yield* groupsCalled(only.place)).length > 0) {
    const group = yield* findGroup({ group: only.place });
    const members = (group['members'] as { value: string; display?: string }[] | undefined) ?? [];
    return say(
      `The group ${nameOf(group)} has ${counted(members.length, 'member', 'members')}:\n${bullets(members.map(({ display, value }) => display ?? value))}`,
    );
  }
  if (answer === 'count' && people.terms.length === 0) return say(`There are ${total} people here.`);
  return say(peopleText(users, total, people.as));
}
