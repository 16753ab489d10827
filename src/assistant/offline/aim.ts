import type { Change, Context, Intent } from './intent.ts';
import { peopleOf } from './rules/select.ts';
import { namesIn, nobody, whoOf } from './words.ts';

/** A change of one person, of several who are named, or of all who meet a description. */
export function aimedAt(words: string | undefined, context: Context, change: Change): Intent {
  const people = peopleOf(words ?? '', context);
  if (people) return { kind: 'everyone', people, change };
  const whos = namesIn(words ?? '').map((name) => whoOf(name, context));
  const known = whos.filter((who) => who !== undefined);
  const [first] = known;
  if (first === undefined || known.length < whos.length) return nobody(words);
  const several: Intent = { kind: 'everyone', people: { named: known }, change };
  if ('group' in change || known.length > 1) return several;
  if (change.kind === 'delete') return { kind: 'delete', who: first };
  const { manager } = change;
  return { kind: 'update', who: first, set: [...change.set], ...(manager !== undefined && { manager }) };
}
