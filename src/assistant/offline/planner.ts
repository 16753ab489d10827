import type { Intent, FieldSetting, Who } from './intent.ts';
import { enterpriseUrn, labelOf, nameOf, valueAt, withValue, type UserRecord } from '../record.ts';

/** A tool call that was made for the request, and the structured result that came back. */
export interface Observation {
  tool: string;
  args: Record<string, unknown>;
  result: ToolResult;
}

/** What Tandem's MCP tools answer. */
export interface ToolResult {
  success: boolean;
  content: Record<string, unknown> & { error?: string; error_code?: string; conflict?: WireConflict };
  metadata: Record<string, unknown>;
}

export interface WireConflict {
  current_version: string;
  current: UserRecord;
  overlap: boolean;
  overlapping: string[];
  merged?: UserRecord;
  changes: { path: string; before?: unknown; after?: unknown; actor: { name: string; kind: string }; when: string }[];
}

/** The next step of the agent. */
export type Step =
  | { kind: 'call'; tool: string; args: Record<string, unknown> }
  | { kind: 'say'; text: string }
  | { kind: 'ask'; text: string; question: string; options: { label: string; send: string }[] };

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const shownMax = 8;

/** Several people have the name that was said. */
interface Which {
  kind: 'which';
  name: string;
  candidates: readonly UserRecord[];
}

/**
 * Decides what comes next for an intent, from what its calls have brought so far. Pure.
 * @param request the person's words, with which an answer to "whom do you mean?" goes on.
 */
export function plan(intent: Intent, seen: readonly Observation[], request: string): Step {
  const next = planned(intent, seen);
  return next.kind === 'which' ? askWhich(next, intent, request) : next;
}

function planned(intent: Intent, seen: readonly Observation[]): Step | Which {
  const last = seen.at(-1);
  if (last?.result.content['status'] === 'pending') return waiting(last);
  const failed = last && !last.result.success ? explainRefusal(last) : undefined;
  switch (intent.kind) {
    case 'help':
      return say(helpText);
    case 'unclear':
      return say(`${intent.hint ?? 'I did not understand that.'} ${helpText}`);
    case 'count':
      if (failed) return failed;
      if (!last) return call('scim_list_users', { count: 0 });
      return say(`There are ${Number(last.result.metadata['total_results'])} people here.`);
    case 'list':
      if (failed) return failed;
      if (!last) return call('scim_list_users', { count: shownMax });
      return say(listText(last.result.content as unknown as UserRecord[], Number(last.result.metadata['total_results']), 'here'));
    case 'search': {
      if (failed) return failed;
      if (!last) return call('scim_search_users', { attribute: intent.attribute, value: intent.value });
      const { Resources, totalResults } = last.result.content as unknown as SearchContent;
      return say(listText(Resources, totalResults, intent.as));
    }
    case 'create':
      if (failed) return failed;
      if (!last) return call('scim_create_user', { user_data: applied({ schemas: [userUrn] }, intent.fields) });
      return say(`Created ${nameOf(last.result.content)}.`);
    case 'show':
      return withUser(intent.who, seen, (user) => say(describe(user)));
    case 'delete':
      return withUser(intent.who, seen, (user, rest) => planDelete(user, intent.version, rest));
    case 'update':
      return planUpdate(intent, seen);
  }
}

function planDelete(user: UserRecord, version: string | undefined, rest: readonly Observation[]): Step {
  const [done] = rest;
  const name = nameOf(user);
  if (done?.result.success) return say(`Deleted ${name}. The history keeps the record; an administrator can bring it back.`);
  const conflict = done?.result.content.conflict;
  if (done && !conflict) return explainRefusal(done);
  if (!done && version !== undefined) return call('scim_delete_user', { user_id: user['id'], expected_version: version });
  const id = String(user['id']);
  const changed = conflict ? 'It was changed since you were asked, so I did not delete it. ' : '';
  const current = conflict ? conflict.current_version : String(user['_version']);
  return {
    kind: 'ask',
    text: `${changed}${describe(conflict?.current ?? user)}`,
    question: `Delete ${name}?`,
    options: [
      { label: 'Delete', send: `Yes, delete ${name} ${id} at version ${current}` },
      { label: 'Keep', send: `Show ${id}` },
    ],
  };
}

function planUpdate(intent: Extract<Intent, { kind: 'update' }>, seen: readonly Observation[]): Step | Which {
  if (intent.manager === undefined) return withUser(intent.who, seen, (user, rest) => update(intent, intent.set, user, rest));
  const split = firstResolved({ name: intent.manager }, seen);
  return withUser({ name: intent.manager }, split.used, (manager) =>
    withUser(intent.who, split.rest, (user, rest) =>
      update(
        intent,
        [...intent.set, { path: `${enterpriseUrn}:manager.value`, value: String(manager['id']) }],
        user,
        rest,
        nameOf(manager),
      ),
    ),
  );
}

function update(
  intent: Extract<Intent, { kind: 'update' }>,
  set: readonly FieldSetting[],
  user: UserRecord,
  rest: readonly Observation[],
  manager?: string,
): Step {
  const [done] = rest;
  if (!done) {
    const changed = set.filter(({ path, value }) => valueAt(user, path) !== value);
    if (changed.length === 0) return say(`${nameOf(user)} has that already; nothing to change.`);
    return call('scim_update_user', {
      user_id: user['id'],
      user_data: withoutMeta(applied(user, changed)),
      expected_version: intent.version ?? user['_version'],
    });
  }
  if (!done.result.success)
    return done.result.content.conflict ? askAboutConflict(user, set, done.result.content.conflict) : explainRefusal(done);
  const words = set
    .filter(({ path }) => intent.rename === undefined || path === 'displayName')
    .map(({ path, value }) => (path.endsWith('manager.value') ? `manager to ${manager}` : fieldText(path, value)));
  const merged =
    done.result.metadata['merged'] === true ? ' Somebody else had changed other fields meanwhile; both changes are kept.' : '';
  return say(`Done: changed ${list(words)} for ${nameOf(done.result.content)}.${merged}`);
}

function fieldText(path: string, value: FieldSetting['value']): string {
  if (path === 'active') return value === true ? 'status to active' : 'status to inactive';
  return value === undefined ? `${labelOf(path)} to nothing` : `${labelOf(path)} to “${String(value)}”`;
}

function askAboutConflict(user: UserRecord, set: readonly FieldSetting[], conflict: WireConflict): Step {
  const mine = set.filter(
    ({ path }) => valueAt(conflict.current, path) !== valueAt(user, path) || conflict.overlapping.includes(path),
  );
  const colliding = mine.length > 0 ? mine : [...set];
  const facts = colliding.map(({ path, value }) => {
    const change = conflict.changes.find((candidate) => candidate.path === path);
    const theirs = valueAt(conflict.current, path);
    const by = change ? `${change.actor.name} changed ${labelOf(path)}` : `${labelOf(path)} is`;
    return `${by} to ${quoted(theirs)}; you asked for ${quoted(value)}.`;
  });
  const id = String(user['id']);
  const wishes = set.map(
    ({ path, value }) => `${path} = ${value === undefined ? 'nothing' : typeof value === 'boolean' ? value : `“${value}”`}`,
  );
  return {
    kind: 'ask',
    text: `I stopped, because somebody changed the same thing meanwhile. ${facts.join(' ')} Nothing was overwritten.`,
    question: `What should stand for ${nameOf(conflict.current)}?`,
    options: [
      { label: 'Use mine', send: `Use mine for ${id}: ${wishes.join(', ')} at version ${conflict.current_version}` },
      { label: 'Keep theirs', send: `Keep theirs for ${id}` },
    ],
  };
}

interface SearchContent {
  Resources: UserRecord[];
  totalResults: number;
}

/** Which attributes a name may stand in, in the order in which they are tried. */
function attempts(name: string): { attribute: string; value: string; also?: (user: UserRecord) => boolean }[] {
  if (name.includes('@'))
    return [
      { attribute: 'userName', value: name },
      { attribute: 'emails.value', value: name },
    ];
  const words = name.split(/\s+/);
  const [first = '', family = ''] = [words[0], words.at(-1)];
  const startsLike = (user: UserRecord) => {
    const given = valueAt(user, 'name.givenName');
    return typeof given === 'string' && given.toLowerCase().startsWith(first.toLowerCase());
  };
  return [
    { attribute: 'displayName', value: name },
    { attribute: 'userName', value: name },
    ...(words.length > 1
      ? [{ attribute: 'name.familyName', value: family, also: startsLike }]
      : [
          { attribute: 'name.givenName', value: name },
          { attribute: 'name.familyName', value: name },
        ]),
  ];
}

/** Splits the calls at the end of those that looked a person up. */
function firstResolved(who: Who, seen: readonly Observation[]): { used: readonly Observation[]; rest: readonly Observation[] } {
  const count = 'id' in who ? 1 : lookups(who.name, seen).length;
  return { used: seen.slice(0, count), rest: seen.slice(count) };
}

function lookups(name: string, seen: readonly Observation[]): Observation[] {
  const tries = attempts(name);
  const used: Observation[] = [];
  for (const [index, attempt] of tries.entries()) {
    const call = seen[index];
    if (call?.tool !== 'scim_search_users') break;
    used.push(call);
    if (matching(call, attempt.also).length > 0) break;
  }
  return used;
}

function matching({ result }: Observation, also: ((user: UserRecord) => boolean) | undefined): UserRecord[] {
  const { Resources } = result.content as unknown as Partial<SearchContent>;
  return (Resources ?? []).filter((user) => also?.(user) ?? true);
}

/** Goes on with the user, or finds out who is meant first. */
function withUser(
  who: Who,
  seen: readonly Observation[],
  next: (user: UserRecord, rest: readonly Observation[]) => Step | Which,
): Step | Which {
  if ('id' in who) {
    const [read, ...rest] = seen;
    if (!read) return call('scim_get_user', { user_id: who.id });
    return read.result.success ? next(read.result.content, rest) : explainRefusal(read);
  }
  const tries = attempts(who.name);
  const used = lookups(who.name, seen);
  const latest = used.at(-1);
  if (latest && !latest.result.success) return explainRefusal(latest);
  const candidates = latest ? matching(latest, tries[used.length - 1]?.also) : [];
  const [only] = candidates;
  if (candidates.length > 1) return { kind: 'which', name: who.name, candidates };
  if (only) return next(only, seen.slice(used.length));
  const attempt = tries[used.length];
  if (attempt) return call('scim_search_users', { attribute: attempt.attribute, value: attempt.value });
  return say(`I found nobody called “${who.name}”. Check the spelling, or give the user name or the email address.`);
}

/** The answer says the same request again, with the person's id instead of the name. */
function askWhich({ name, candidates }: Which, intent: Intent, request: string): Step {
  const place = request.toLowerCase().indexOf(name.toLowerCase());
  // A manager is named beside the person whom the request is about, and only one of the two can be an id.
  const isClear = place >= 0 && !(intent.kind === 'update' && intent.manager !== undefined);
  const again = (id: string) => `${request.slice(0, place)}${id}${request.slice(place + name.length)}`;
  return {
    kind: 'ask',
    text: `There are ${candidates.length} people who could be “${name}”.`,
    question: isClear ? 'Whom do you mean?' : 'Whom do you mean? Open one, then ask again with “this person”.',
    options: candidates.slice(0, shownMax).map((user) => ({
      label: [nameOf(user), user['title'], user['userName']].filter(Boolean).join(' · '),
      send: isClear ? again(String(user['id'])) : `Show ${String(user['id'])}`,
    })),
  };
}

function applied(record: UserRecord, set: readonly FieldSetting[]): UserRecord {
  return set.reduce((result, { path, value }) => withValue(result, path, value) ?? result, record);
}

function withoutMeta(record: UserRecord): UserRecord {
  const { meta: _meta, _version, ...rest } = record;
  return rest;
}

function describe(user: UserRecord): string {
  const facts: [string, unknown][] = [
    ['job title', user['title']],
    ['department', valueAt(user, `${enterpriseUrn}:department`)],
    ['user name', user['userName']],
    ['phone', valueAt(user, 'phoneNumbers[type eq "work"].value')],
    ['status', user['active'] === false ? 'inactive' : undefined],
  ];
  const known = facts.filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${String(value)}`);
  return `${nameOf(user)}: ${known.join(', ')}.`;
}

function listText(users: readonly UserRecord[], total: number, as: string): string {
  if (total === 0) return `Nobody is ${as === 'here' ? 'here yet' : as}.`;
  const names = users.slice(0, shownMax).map((user) => [nameOf(user), user['title']].filter(Boolean).join(', '));
  const more = total > names.length ? `\n… and ${total - names.length} more.` : '';
  return `${total === 1 ? 'One person is' : `${total} people are`} ${as}:\n${names.map((name) => `• ${name}`).join('\n')}${more}`;
}

/** What was asked for needs somebody's approval, and was not given it while the call waited. */
function waiting({ result }: Observation): Step {
  const { says } = (result.content['rule'] ?? {}) as { says?: string };
  return say(`This waits for approval in the inbox; nothing was changed yet. ${says ?? ''}`.trim());
}

function explainRefusal({ result }: Observation): Step {
  const { error_code, error } = result.content;
  if (error_code === 'USER_NOT_FOUND') return say('That person does not exist (any more). Nothing was changed.');
  return say(`That was refused, and nothing was changed: ${error ?? 'no reason was given'}`);
}

function quoted(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

const say = (text: string): Step => ({ kind: 'say', text });
const call = (tool: string, args: Record<string, unknown>): Step => ({ kind: 'call', tool, args });

const helpText =
  "I work by rules, without AI, so plain sentences work best. For example: “Find everyone in Sales”, “Show Ada Chen”, “Set Ada Chen's title to Engineer”, " +
  '“Create Grace Hopper, grace@example.com, title Admiral”, “Deactivate this person”, “Delete Ada Chen”.';
