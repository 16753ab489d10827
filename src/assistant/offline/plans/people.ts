import { enterpriseUrn, labelOf, nameOf, valueAt, withValue, type UserRecord } from '../../record.ts';
import type { FieldSetting, Intent } from '../intent.ts';
import { findUser, readUser, type Draft } from '../lookup.ts';
import { newIn, patchOf } from '../patch.ts';
import { called, say, tried, type Ending, type ToolResult, type WireConflict, type Work } from '../step.ts';
import { describe, fieldText, list, plainName, quoted, refusalText } from '../text.ts';
import { managerPath } from '../words.ts';

type Of<Kind extends Intent['kind']> = Extract<Intent, { kind: Kind }>;

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';

export function* create({ fields }: Of<'create'>): Work {
  const start: UserRecord = { schemas: [userUrn] };
  const record = fields.reduce((result, { path, value }) => withValue(result, path, value) ?? result, start);
  const { content } = yield* called('scim_create_user', { user_data: record });
  return say(`Created ${nameOf(content)}.`);
}

export function* show({ who }: Of<'show'>): Work {
  return say(describe(yield* findUser(who)));
}

/** Says what stands in one field. */
export function* value({ who, path }: Of<'value'>): Work {
  const user = yield* findUser(who);
  if (path === 'manager') {
    const { value: id, displayName } = (valueAt(user, `${enterpriseUrn}:manager`) ?? {}) as {
      value?: string;
      displayName?: string;
    };
    if (id === undefined) return say(`${nameOf(user)} has no manager.`);
    return say(`${nameOf(user)} reports to ${displayName ?? id}.`);
  }
  if (path === 'name') return say(describe(user));
  const found = path === 'active' ? (user['active'] === false ? 'inactive' : 'active') : valueAt(user, path);
  return say(
    found === undefined
      ? `${nameOf(user)} has no ${labelOf(path)}.`
      : `The ${labelOf(path)} of ${nameOf(user)} is ${quoted(found)}.`,
  );
}

/** Deletes after a yes, and only the version that was shown. */
export function* remove({ who, version }: Of<'delete'>): Work {
  const user = yield* findUser(who);
  const name = nameOf(user);
  let conflict: WireConflict | undefined;
  if (version !== undefined) {
    const { success, content } = yield* tried('scim_delete_user', { user_id: user['id'], expected_version: version });
    if (success) return say(`Deleted ${name}. The history keeps the record; an administrator can bring it back.`);
    conflict = content.conflict;
    if (!conflict) return say(refusalText(content));
  }
  const changed = conflict ? 'It was changed since you were asked, so I did not delete it. ' : '';
  const current = conflict ? conflict.current_version : String(user['_version']);
  return {
    kind: 'ask',
    text: `${changed}${describe(conflict?.current ?? user)}`,
    question: `Delete ${name}?`,
    options: [
      { label: 'Delete', send: `Yes, delete ${plainName(user)} ${String(user['id'])} at version ${current}` },
      { label: 'Keep', send: `Show ${String(user['id'])}` },
    ],
  };
}

/** Changes fields of one person, on the version that it has just read or that the person was shown. */
export function* update(intent: Of<'update'>): Work {
  const manager = intent.manager === undefined ? undefined : yield* findUser({ name: intent.manager });
  const set = manager ? [...intent.set, { path: managerPath, value: String(manager['id']) }] : intent.set;
  const { user, drafts } = yield* readUser('id' in intent.who ? intent.who.id : String((yield* findUser(intent.who))['id']));
  if (manager && manager['id'] === user['id']) return say(`${nameOf(user)} cannot report to themselves. Nothing was changed.`);
  const changes = newIn(user, set);
  if (changes.length === 0) return say(`${nameOf(user)} has that already; nothing to change.`);
  const taken = drafts.find(({ fields }) => fields.some((field) => changes.some(({ path }) => isAbout(field, path))));
  if (taken && intent.version === undefined) return askAboutDraft(user, changes, taken);
  const result = yield* write(user, changes, intent.version ?? String(user['_version']));
  const { conflict } = result.content;
  if (conflict?.overlap) return askAboutConflict(user, set, conflict);
  if (conflict) return say(`Others change ${nameOf(user)} all the time. Nothing was changed; try again in a moment.`);
  if (!result.success) return say(refusalText(result.content));
  const words = set
    .filter(({ path }) => intent.rename === undefined || path === 'displayName')
    .map((setting) => fieldText(setting, manager && nameOf(manager)));
  return say(`Done: changed ${list(words)} for ${nameOf(result.content)}.${mergedText(result)}${draftText(drafts)}`);
}

function* write(user: UserRecord, changes: readonly FieldSetting[], version: string): Work<ToolResult> {
  return yield* tried('scim_patch_user', {
    user_id: user['id'],
    operations: patchOf(user, changes),
    expected_version: version,
  });
}

/** Says so where others wrote meanwhile. */
export function mergedText({ metadata }: ToolResult): string {
  return metadata['merged'] === true || metadata['merged_with'] !== undefined
    ? ' Somebody else had changed other fields meanwhile; both changes are kept.'
    : '';
}

function draftText([draft]: readonly Draft[]): string {
  return draft ? ` ${draft.who} has unsaved changes of other fields; they are not touched.` : '';
}

function isAbout(field: string, path: string): boolean {
  return field === path || path.startsWith(`${field}.`) || path.startsWith(`${field}[`) || field.startsWith(`${path}.`);
}

function askAboutDraft(user: UserRecord, changes: readonly FieldSetting[], { who }: Draft): Ending {
  const id = String(user['id']);
  return {
    kind: 'ask',
    text: `${who} is editing ${list(changes.map(({ path }) => labelOf(path)))} of ${nameOf(user)} right now and has not saved yet. I changed nothing.`,
    question: 'Shall I make the change all the same?',
    options: [
      { label: 'Change it', send: useMine(id, changes, String(user['_version'])) },
      { label: 'Leave it', send: `Keep theirs for ${id}` },
    ],
  };
}

function useMine(id: string, set: readonly FieldSetting[], version: string): string {
  const wishes = set.map(
    ({ path, value: wish }) => `${path} = ${wish === undefined ? 'nothing' : typeof wish === 'boolean' ? wish : `“${wish}”`}`,
  );
  return `Use mine for ${id}: ${wishes.join(', ')} at version ${version}`;
}

/** Somebody changed the same: the person decides, seeing what both sides want. */
export function askAboutConflict(user: UserRecord, set: readonly FieldSetting[], conflict: WireConflict): Ending {
  const mine = set.filter(
    ({ path }) => valueAt(conflict.current, path) !== valueAt(user, path) || conflict.overlapping.includes(path),
  );
  const colliding = mine.length > 0 ? mine : set;
  const facts = colliding.map(({ path, value: wish }) => {
    const change = conflict.changes.find((candidate) => candidate.path === path);
    const theirs = valueAt(conflict.current, path);
    const before = valueAt(user, path);
    const from = change && before !== theirs ? ` from ${quoted(before)}` : '';
    const by = change ? `${change.actor.name} changed ${labelOf(path)}${from}` : `${labelOf(path)} is`;
    return `${by} to ${quoted(theirs)}; you asked for ${quoted(wish)}.`;
  });
  const id = String(user['id']);
  return {
    kind: 'ask',
    text: `I stopped, because somebody changed the same thing meanwhile. ${facts.join(' ')} Nothing was overwritten.`,
    question: `What should stand for ${nameOf(conflict.current)}?`,
    options: [
      { label: 'Use mine', send: useMine(id, set, conflict.current_version) },
      { label: 'Keep theirs', send: `Keep theirs for ${id}` },
    ],
  };
}
