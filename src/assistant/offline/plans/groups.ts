import { nameOf, type UserRecord } from '../../record.ts';
import type { GroupName, Intent, Who } from '../intent.ts';
import { findGroup, findPeople, findUser, groupsCalled, userCalled } from '../lookup.ts';
import { called, say, tried, type ToolResult, type Work } from '../step.ts';
import { bullets, counted, list, namesText, plainName, quoted, refusalText } from '../text.ts';
import { mergedText } from './people.ts';

type Of<Kind extends Intent['kind']> = Extract<Intent, { kind: Kind }>;

const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const groupsMax = 50;

interface Member {
  value: string;
  display?: string;
}

function membersOf(group: UserRecord): Member[] {
  return (group['members'] as Member[] | undefined) ?? [];
}

/** All groups, or those that somebody is in. */
export function* groups({ who }: Of<'groups'>): Work {
  const user = who && (yield* findUser(who));
  const filter = user && `members.value eq ${JSON.stringify(user['id'])}`;
  const { content, metadata } = yield* called('scim_list_groups', { count: groupsMax, ...(filter && { filter }) });
  const found = content as unknown as UserRecord[];
  const total = Number(metadata['total_results']);
  const whose = user ? `${nameOf(user)} is in ` : 'There are ';
  if (total === 0) return say(user ? `${nameOf(user)} is in no group.` : 'There are no groups yet.');
  return say(`${whose}${counted(total, 'group', 'groups')}:\n${bullets(found.map(nameOf), total)}`);
}

export function* members({ group: name, answer }: Of<'members'>): Work {
  const group = yield* findGroup(name);
  const inside = membersOf(group);
  const omitted = group['members'] === undefined && inside.length === 0;
  const text = inside.length === 0 ? 'nobody' : counted(inside.length, 'member', 'members');
  const names =
    answer === 'count' || inside.length === 0 ? '.' : `:\n${bullets(inside.map(({ display, value }) => display ?? value))}`;
  return say(
    `In ${nameOf(group)} ${inside.length === 0 && omitted ? 'is' : 'there is'} ${text}${names}`.replace(
      'there is nobody',
      'is nobody',
    ),
  );
}

export function* create({ group, members: whos }: Of<'create-group'>): Work {
  if ((yield* groupsCalled(group)).length > 0) return say(`There is a group called “${group}” already. Nothing was changed.`);
  const people = yield* findPeople({ named: whos });
  const data = {
    schemas: [groupUrn],
    displayName: group,
    ...(people.length > 0 && { members: people.map(({ id }) => ({ value: id })) }),
  };
  yield* called('scim_create_group', { group_data: data });
  return say(`Created the group ${group}${people.length > 0 ? ` with ${namesText(people)}` : ''}.`);
}

export function* rename({ group: wanted, name, version }: Of<'rename-group'>): Work {
  const group = yield* findGroup(wanted);
  if (group['displayName'] === name) return say(`It is called “${name}” already; nothing to change.`);
  const result = yield* tried('scim_patch_group', {
    group_id: group['id'],
    operations: [{ op: 'replace', path: 'displayName', value: name }],
    expected_version: version ?? group['_version'],
  });
  const { conflict } = result.content;
  if (result.success) return say(`Done: the group ${nameOf(group)} is called “${name}” now.${mergedText(result)}`);
  if (!conflict) return say(refusalText(result.content));
  const id = String(group['id']);
  const by = conflict.changes.find(({ path }) => path === 'displayName')?.actor.name ?? 'Somebody';
  return {
    kind: 'ask',
    text: `I stopped, because somebody renamed the group meanwhile. ${by} changed its name from ${quoted(group['displayName'])} to ${quoted(conflict.current['displayName'])}; you asked for ${quoted(name)}. Nothing was overwritten.`,
    question: 'What should the group be called?',
    options: [
      { label: 'Use mine', send: `Use mine for group ${id}: displayName = “${name}” at version ${conflict.current_version}` },
      { label: 'Keep theirs', send: `Keep theirs for group ${id}` },
    ],
  };
}

/** Deletes after a yes, and only the version that was shown. */
export function* remove({ group: wanted, version }: Of<'delete-group'>): Work {
  let group = yield* findGroup(wanted);
  let changed = '';
  if (version !== undefined) {
    const { success, content } = yield* tried('scim_delete_group', { group_id: group['id'], expected_version: version });
    if (success) return say(`Deleted the group ${nameOf(group)}. The people in it stay.`);
    if (!content.conflict) return say(refusalText(content));
    changed = 'It was changed since you were asked, so I did not delete it. ';
    group = yield* findGroup({ id: String(group['id']) });
  }
  const inside = membersOf(group);
  return {
    kind: 'ask',
    text: `${changed}The group ${nameOf(group)} has ${counted(inside.length, 'member', 'members')}.`,
    question: `Delete the group ${nameOf(group)}?`,
    options: [
      {
        label: 'Delete',
        send: `Yes, delete the group ${plainName(group)} ${String(group['id'])} at version ${String(group['_version'])}`,
      },
      { label: 'Keep', send: `Keep theirs for group ${String(group['id'])}` },
    ],
  };
}

/** Adds or removes people whom it has found already. Members are a set: what others add or remove meanwhile stays. */
export function* membership(kind: 'join' | 'leave', ids: readonly string[], group: UserRecord): Work<ToolResult> {
  return yield* called('scim_modify_group_members', { group_id: group['id'], [kind === 'join' ? 'add' : 'remove']: ids });
}

/** "Add Ada and the group Sales to Everyone": people, else groups of that name. */
export function* findMembers(named: readonly Who[]): Work<UserRecord[]> {
  const found: UserRecord[] = [];
  for (const who of named) {
    const user = 'id' in who ? yield* findUser(who) : yield* userCalled(who.name);
    const [group] = user || 'id' in who ? [] : yield* groupsCalled(who.name.replace(/^the group /i, ''));
    found.push(user ?? group ?? (yield* findUser(who)));
  }
  return found;
}

export function* joinOrLeave(kind: 'join' | 'leave', named: readonly Who[], name: GroupName): Work {
  const people = yield* findMembers(named);
  const group = yield* findGroup(name);
  const { content } = yield* membership(
    kind,
    people.map(({ id }) => String(id)),
    group,
  );
  return say(membershipText(kind, people, group, content));
}

export function membershipText(
  kind: 'join' | 'leave',
  people: readonly UserRecord[],
  group: UserRecord,
  { added, removed, already_members, not_members }: Record<string, unknown>,
): string {
  const [done, idle] = (kind === 'join' ? [added, already_members] : [removed, not_members]).map(Number);
  const name = nameOf(group);
  if (done === 0)
    return `${namesText(people)} ${kind === 'join' ? 'in' : 'not in'} ${name} already; nothing to change.`.replace(
      ' in ',
      people.length === 1 ? ' is in ' : ' are in ',
    );
  const verb = kind === 'join' ? `Added ${namesText(people)} to` : `Removed ${namesText(people)} from`;
  return `${verb} ${name}.${idle ? ` ${counted(idle)} ${kind === 'join' ? 'had been there' : 'had not been there'} already.` : ''}`;
}

export function* copyMembers({ from, to }: Of<'copy-members'>): Work {
  const target = yield* findGroup(to);
  const source = yield* findGroup(from);
  const inside = membersOf(source);
  if (inside.length === 0) return say(`Nobody is in ${nameOf(source)}; nothing to copy.`);
  const { content } = yield* membership(
    'join',
    inside.map(({ value }) => value),
    target,
  );
  const after = new Set(membersOf(yield* findGroup({ id: String(source['id']) })).map(({ value }) => value));
  const gone = inside.filter(({ value }) => !after.has(value));
  const note =
    gone.length === 0
      ? ''
      : ` Meanwhile ${list(gone.map(({ display, value }) => display ?? value))} left ${nameOf(source)}; look whether they should be in ${nameOf(target)}.`;
  return say(`Copied the members of ${nameOf(source)} to ${nameOf(target)}: ${Number(content['added'])} are new there.${note}`);
}

export function* sameGroups({ from, to }: Of<'same-groups'>): Work {
  const source = yield* findUser(from);
  const target = yield* findUser(to);
  const filter = `members.value eq ${JSON.stringify(source['id'])}`;
  const { content } = yield* called('scim_list_groups', { count: groupsMax, filter });
  const added: string[] = [];
  for (const group of content as unknown as UserRecord[])
    if (Number((yield* membership('join', [String(target['id'])], group)).content['added']) > 0) added.push(nameOf(group));
  return say(
    added.length === 0
      ? `${nameOf(target)} is in all groups of ${nameOf(source)} already.`
      : `Added ${nameOf(target)} to ${list(added)}, like ${nameOf(source)}.`,
  );
}

/** Joins the one before leaving the other, so that nobody is in neither if something fails in between. */
export function* moveMember({ who, from, to }: Of<'move-member'>): Work {
  const user = yield* findUser(who);
  const [source, target] = [yield* findGroup(from), yield* findGroup(to)];
  if (!membersOf(source).some(({ value }) => value === user['id']))
    return say(`${nameOf(user)} is not in ${nameOf(source)}. Nothing was changed.`);
  const id = String(user['id']);
  yield* membership('join', [id], target);
  yield* membership('leave', [id], source);
  return say(`Moved ${nameOf(user)} from ${nameOf(source)} to ${nameOf(target)}.`);
}
