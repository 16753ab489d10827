import { labelOf, nameOf, type UserRecord } from '../../record.ts';
import type { Intent } from '../intent.ts';
import { findUser, mayRead, readUser } from '../lookup.ts';
import { called, say, tried, type Ending, type Work } from '../step.ts';
import { bullets, list, quoted, refusalText } from '../text.ts';

type Of<Kind extends Intent['kind']> = Extract<Intent, { kind: Kind }>;

interface Revision {
  version: string;
  previous_version?: string;
  when: string;
  actor: { id: string; name: string; kind: string; door: string };
  operation: string;
  changes: { path: string; before?: unknown; after?: unknown }[];
}

const readMax = 100;
const resendsMax = 4;

/** Says who changed what. @param now decides what "yesterday" is. */
export function* history({ who, field, since, only }: Of<'history'>, now: Date): Work {
  const user = yield* findUser(who);
  const from = since === undefined ? undefined : beginOf(since, now);
  const count = only === 'last' ? 1 : from ? readMax : 10;
  const revisions = yield* read(user['id'], { count, ...(field !== undefined && { field }) });
  const meant = revisions.filter(({ when }) => from === undefined || new Date(when) >= from);
  const [last] = meant;
  const what = field === undefined ? nameOf(user) : `${labelOf(field)} of ${nameOf(user)}`;
  if (!last) return say(`Nobody has changed ${what}${since === undefined ? '' : ` since ${since}`}.`);
  if (only === 'last') return say(lineOf(last, field));
  return say(
    `Changes of ${what}${since === undefined ? '' : ` since ${since}`}:\n${bullets(meant.map((one) => lineOf(one, field)))}`,
  );
}

function beginOf(since: string, now: Date): Date {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  if (since === 'yesterday') day.setDate(day.getDate() - 1);
  else if (since === 'last week') day.setDate(day.getDate() - 7);
  else if (since === 'last month') day.setMonth(day.getMonth() - 1);
  else if (/^\d/.test(since)) return new Date(`${since}T00:00:00`);
  return day;
}

function* read(id: unknown, query: Record<string, unknown>): Work<Revision[]> {
  const { content } = yield* called('scim_get_history', { resource_type: 'User', resource_id: id, ...query });
  return content as unknown as Revision[];
}

function lineOf({ actor, when, operation, changes }: Revision, field?: string): string {
  const at = `${actor.name}, ${when.slice(0, 16).replace('T', ' ')}`;
  if (operation === 'create' && field === undefined) return `${at}: created`;
  const meant = field === undefined ? changes : changes.filter(({ path }) => path.startsWith(field) || field.startsWith(path));
  const facts = meant.slice(0, 5).map(({ path, before, after }) => `${labelOf(path)} from ${quoted(before)} to ${quoted(after)}`);
  return `${at}: ${facts.length === 0 ? operation : `changed ${list(facts)}`}`;
}

/**
 * Takes one change back, and nothing else: only its fields, to what they were before it. Where somebody has changed the same
 * since, the person is asked.
 */
export function* undo({ who, of, field }: Of<'undo'>): Work {
  const user = yield* findUser(who);
  const author = of === 'agent' ? yield* ownName() : undefined;
  const all = yield* read(user['id'], { count: readMax });
  const isMeant = ({ actor, changes }: Revision) =>
    (author === undefined || actor.name === author) &&
    (of !== 'person' || actor.kind === 'person') &&
    (field === undefined || changes.some(({ path }) => isSame(path, field)));
  const index = all.findIndex(isMeant);
  const change = all[index];
  const whose = of === 'agent' ? 'I have changed nothing' : of === 'person' ? 'You have changed nothing' : 'Nothing was changed';
  if (!change) return say(`${whose} about ${nameOf(user)} that could be undone.`);
  if (change.previous_version === undefined)
    return say(`That was when ${nameOf(user)} was created. To take it back, delete ${nameOf(user)}.`);
  const fields = change.changes.map(({ path }) => path).filter((path) => field === undefined || isSame(path, field));
  const later = all.slice(0, index).filter(({ changes }) => changes.some(({ path }) => fields.some((one) => isSame(path, one))));
  const [newest] = later;
  if (newest) return askAgain(user, change.previous_version, fields, newest.actor.name, String(user['_version']));
  return yield* back(user, change.previous_version, fields, String(user['_version']));
}

function isSame(path: string, other: string): boolean {
  return (
    path === other ||
    path.startsWith(`${other}.`) ||
    other.startsWith(`${path}.`) ||
    path.startsWith(`${other}[`) ||
    other.startsWith(`${path}[`)
  );
}

function* ownName(): Work<string> {
  const { content } = yield* called('scim_server_info', {});
  return String((content['access'] as { acting_as?: string } | undefined)?.acting_as);
}

function askAgain(user: UserRecord, to: string, fields: readonly string[], by: string, version: string): Ending {
  const id = String(user['id']);
  return {
    kind: 'ask',
    text: `${by} has changed ${list(fields.map(labelOf))} of ${nameOf(user)} since. Going back would undo that too, so I changed nothing.`,
    question: 'Go back all the same?',
    options: [
      { label: 'Go back', send: `Go back to version ${to} of ${id} in ${fields.join(' & ')} at version ${version}` },
      { label: 'Keep it', send: `Keep theirs for ${id}` },
    ],
  };
}

/** What was answered: the way back that was shown. */
export function* revert({ who, to, fields, version }: Of<'revert'>): Work {
  return yield* back((yield* readUser('id' in who ? who.id : '')).user, to, fields, version);
}

function* back(user: UserRecord, to: string, fields: readonly string[], version: string): Work {
  let expected = version;
  for (let attempt = 0; attempt < resendsMax; attempt++) {
    const { success, content } = yield* tried('scim_revert', {
      resource_type: 'User',
      resource_id: user['id'],
      to_version: to,
      expected_version: expected,
      fields,
    });
    if (success)
      return say(`Done: ${list(fields.map(labelOf))} of ${nameOf(user)} ${fields.length === 1 ? 'is' : 'are'} as before.`);
    const { conflict } = content;
    if (!conflict) return say(refusalText(content));
    const by = conflict.changes.find(({ path }) => fields.some((one) => isSame(path, one)))?.actor.name;
    if (conflict.overlap || by !== undefined)
      return askAgain(conflict.current, to, fields, by ?? 'Somebody', conflict.current_version);
    expected = conflict.current_version;
  }
  return say(`${nameOf(user)} is being changed all the time. Nothing was undone; try again.`);
}

/** Brings a deleted person back, who can only be named by id. */
export function* restore({ who }: Of<'restore'>): Work {
  if (!('id' in who))
    return say('Somebody who was deleted cannot be found by name. Open them in the history of the window, or give the id.');
  const there = yield* mayRead(who.id);
  if (there) return say(`${nameOf(there)} is not deleted.`);
  const [last] = yield* read(who.id, { count: 1 });
  if (last?.previous_version === undefined) return say('The history does not know anybody with this id.');
  const { content } = yield* called('scim_revert', {
    resource_type: 'User',
    resource_id: who.id,
    to_version: last.previous_version,
  });
  return say(`${nameOf(content)} is back.`);
}
