import { createHash } from 'node:crypto';
import { enterpriseUrn, nameOf, valueAt, type UserRecord } from '../../record.ts';
import type { Change, FieldSetting, Intent, People } from '../intent.ts';
import { findGroup, findPeople, findUser } from '../lookup.ts';
import { newIn, patchOf } from '../patch.ts';
import { say, tried, type Ending, type ToolResult, type WireConflict, type Work } from '../step.ts';
import { bullets, counted, fieldText, list, namesText, refusalText, shownMax } from '../text.ts';
import { findMembers, joinOrLeave, membership, membershipText } from './groups.ts';
import { managerPath } from '../words.ts';
import { askAboutConflict } from './people.ts';

type Everyone = Extract<Intent, { kind: 'everyone' }>;

/** So many are changed without a question; more only after a yes. */
const withoutQuestion = 3;
const roundsMax = 4;

/**
 * Changes several people. It asks first where they are more than a few, and the yes is for the list that was shown: if it is
 * another one by then, it asks again.
 * @param request the person's words, which the answer repeats.
 */
export function* everyone({ people, change, list: shown }: Everyone, request: string): Work {
  const words = request.replace(/^yes, for these [^:]*: /i, '');
  if (change.kind === 'join' || change.kind === 'leave') {
    if ('named' in people) return yield* joinOrLeave(change.kind, people.named, change.group);
    return yield* joinAll(people, change, shown, words);
  }
  const manager = change.kind === 'set' && change.manager !== undefined ? yield* findUser({ name: change.manager }) : undefined;
  const set = settingsOf(change, manager);
  const all = yield* findPeople(people);
  const concerned =
    change.kind === 'delete' ? all : all.filter((user) => newIn(user, set).length > 0 && user['id'] !== manager?.['id']);
  if (all.length === 0) return say(`Nobody is ${asText(people)}. Nothing was changed.`);
  if (concerned.length === 0) return say(`All ${counted(all.length)} have that already; nothing to change.`);
  const wish =
    change.kind === 'delete' ? 'Delete' : `Set ${list(set.map((one) => fieldText(one, manager && nameOf(manager))))} for`;
  const mark = markOf(concerned, set);
  if ((concerned.length > withoutQuestion || change.kind === 'delete') && shown !== mark)
    return askFirst(concerned, wish, mark, words, shown !== undefined);
  return yield* change.kind === 'delete' ? removeAll(concerned) : setAll(people, concerned, set, manager);
}

function settingsOf(change: Change, manager: UserRecord | undefined): readonly FieldSetting[] {
  if (change.kind !== 'set') return [];
  return manager ? [...change.set, { path: managerPath, value: String(manager['id']) }] : change.set;
}

function asText(people: People): string {
  return 'named' in people ? 'named' : people.as;
}

/** Stands for these people as they were shown: who they are, and what the fields held that are to change. */
function markOf(users: readonly UserRecord[], set: readonly FieldSetting[]): string {
  const shown = users
    .map((user) => [user['id'], ...(set.length === 0 ? [user['_version']] : set.map(({ path }) => valueAt(user, path)))])
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 12);
}

function askFirst(users: readonly UserRecord[], wish: string, mark: string, words: string, isAgain: boolean): Ending {
  const changed = isAgain ? 'The list has changed since you were asked, so I changed nothing. ' : '';
  const lines = users.map((user) =>
    [nameOf(user), user['title'], valueAt(user, `${enterpriseUrn}:department`)].filter(Boolean).join(' · '),
  );
  return {
    kind: 'ask',
    text: `${changed}This is about ${counted(users.length)}:\n${bullets(lines)}`,
    question: `${wish} ${users.length === 1 ? 'this one' : `these ${users.length} people`}?`,
    options: [
      { label: 'Yes', send: `Yes, for these ${users.length} people (list ${mark}): ${words}` },
      { label: 'No', send: 'Do not change them' },
    ],
  };
}

function* joinAll(
  people: People,
  change: Extract<Change, { kind: 'join' | 'leave' }>,
  shown: string | undefined,
  words: string,
): Work {
  const group = yield* findGroup(change.group);
  const members = new Set(((group['members'] as { value: string }[] | undefined) ?? []).map(({ value }) => value));
  const all = 'named' in people ? yield* findMembers(people.named) : yield* findPeople(people);
  const concerned = all.filter(({ id }) => members.has(String(id)) === (change.kind === 'leave'));
  const where = change.kind === 'join' ? 'in' : 'out of';
  if (all.length === 0) return say(`Nobody is ${asText(people)}. Nothing was changed.`);
  if (concerned.length === 0) return say(`All ${counted(all.length)} are ${where} ${nameOf(group)} already; nothing to change.`);
  const mark = markOf(concerned, [{ path: 'id', value: undefined }]);
  const wish = change.kind === 'join' ? `Add to ${nameOf(group)}` : `Remove from ${nameOf(group)}`;
  if (concerned.length > withoutQuestion && shown !== mark) return askFirst(concerned, wish, mark, words, shown !== undefined);
  const ids = concerned.map(({ id }) => String(id));
  const { content } = yield* membership(change.kind, ids, group);
  return say(membershipText(change.kind, concerned, group, content));
}

interface BulkOutcome {
  status: string;
  error?: { error: string; error_code: string; conflict?: WireConflict };
}

/** Sends one operation for each person. @returns what became of each, in their order. */
function* inBulk(operations: readonly Record<string, unknown>[]): Work<BulkOutcome[]> {
  const result: ToolResult = yield* tried('scim_bulk', { operations });
  const results = result.content['results'] as BulkOutcome[] | undefined;
  return (
    results ?? operations.map(() => ({ status: '500', error: { error: refusalText(result.content), error_code: 'BULK_FAILED' } }))
  );
}

function* removeAll(users: readonly UserRecord[]): Work {
  const outcomes = yield* inBulk(
    users.map(({ id, _version }) => ({ method: 'DELETE', path: `/Users/${String(id)}`, expected_version: _version })),
  );
  const gone = users.filter((_user, index) => outcomes[index]?.error === undefined);
  const left = users.filter((_user, index) => outcomes[index]?.error !== undefined);
  const why = outcomes.find(({ error }) => error)?.error;
  const kept =
    left.length === 0
      ? ''
      : ` I left ${namesText(left)}: ${why?.conflict ? 'they were changed since you were asked.' : (why?.error ?? '')}`;
  return say(`${gone.length === 0 ? 'Nobody was deleted.' : `Deleted ${namesText(gone)}.`}${kept}`);
}

/**
 * Sets fields of all of them. Who was changed meanwhile is looked up again: whoever is still meant gets the change beside the
 * other one, whoever is not is left, and where both changed the same the person is asked.
 */
function* setAll(
  people: People,
  concerned: readonly UserRecord[],
  set: readonly FieldSetting[],
  manager: UserRecord | undefined,
): Work {
  const done: UserRecord[] = [];
  const notes: string[] = [];
  const collisions: { user: UserRecord; conflict: WireConflict }[] = [];
  let left: readonly UserRecord[] = concerned;
  for (let round = 0; round < roundsMax && left.length > 0; round++) {
    const outcomes = yield* inBulk(
      left.map((user) => ({
        method: 'PATCH',
        path: `/Users/${String(user['id'])}`,
        expected_version: user['_version'],
        data: patchOf(user, newIn(user, set)),
      })),
    );
    const again: UserRecord[] = [];
    for (const [index, user] of left.entries()) {
      const error = outcomes[index]?.error;
      if (!error) done.push(user);
      else if (error.conflict?.overlap) collisions.push({ user, conflict: error.conflict });
      else if (error.conflict) again.push(user);
      else notes.push(noteOf(user, error));
    }
    left = again.length === 0 ? [] : yield* stillMeant(people, again, notes);
  }
  for (const user of left) notes.push(`${nameOf(user)} is being changed all the time; I left that.`);
  const words = list(set.map((one) => fieldText(one, manager && nameOf(manager))));
  const summary = [done.length === 0 ? 'Nothing was changed.' : `Done: changed ${words} for ${namesText(done)}.`, ...notes].join(
    ' ',
  );
  return collisions.length === 0 ? say(summary) : askAboutCollisions(summary, collisions, set);
}

/** Reads again who was changed by others. @param notes is told of those who are not meant any more. */
function* stillMeant(people: People, changed: readonly UserRecord[], notes: string[]): Work<UserRecord[]> {
  const ids = new Set(changed.map(({ id }) => id));
  const now =
    'named' in people ? yield* findPeople({ named: [...ids].map((id) => ({ id: String(id) })) }) : yield* findPeople(people);
  const still = now.filter(({ id }) => ids.has(id));
  const kept = new Set(still.map(({ id }) => id));
  for (const user of changed.filter(({ id }) => !kept.has(id)))
    notes.push(`${nameOf(user)} was changed meanwhile and is not ${asText(people)} any more; I left that.`);
  return still;
}

function noteOf(user: UserRecord, { error, error_code }: { error: string; error_code: string }): string {
  if (error_code === 'USER_NOT_FOUND') return `${nameOf(user)} was deleted meanwhile.`;
  if (error_code === 'APPROVAL_NEEDED') return `${nameOf(user)} waits for approval in the inbox.`;
  return `${nameOf(user)} was refused: ${error}`;
}

function askAboutCollisions(
  summary: string,
  collisions: readonly { user: UserRecord; conflict: WireConflict }[],
  set: readonly FieldSetting[],
): Ending {
  const questions = collisions
    .slice(0, shownMax)
    .map(({ user, conflict }) => ({ user, ending: askAboutConflict(user, set, conflict) }));
  const options = questions.flatMap(({ user, ending }) =>
    ending.kind === 'ask'
      ? ending.options.map(({ label, send }) => ({
          label: questions.length === 1 ? label : `${label} for ${nameOf(user)}`,
          send,
        }))
      : [],
  );
  const facts = questions.map(({ ending }) => ending.text).join('\n');
  return {
    kind: 'ask',
    text: `${summary}\n${facts}`,
    question: `What should stand for ${namesText(collisions.map(({ user }) => user))}?`,
    options,
  };
}
