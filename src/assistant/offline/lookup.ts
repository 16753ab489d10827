import { enterpriseUrn, nameOf, valueAt, type UserRecord } from '../record.ts';
import type { GroupName, People, Term, Who } from './intent.ts';
import { equals } from './rules/select.ts';
import { called, say, Stop, tried, type Work } from './step.ts';
import { refusalText, shownMax } from './text.ts';
import { managerPath } from './words.ts';

const pageSize = 200;
/** People that one request can be about. */
export const peopleMax = 1000;

/** Several people have the name that was said. */
export class Ambiguous extends Error {
  readonly said: string;
  readonly candidates: readonly UserRecord[];

  constructor(said: string, candidates: readonly UserRecord[]) {
    super(said);
    this.said = said;
    this.candidates = candidates;
  }
}

interface SearchContent {
  Resources: UserRecord[];
  totalResults: number;
}

/** Finds the one person who is meant. @throws Stop where there is nobody, Ambiguous where there are several. */
export function* findUser(who: Who): Work<UserRecord> {
  if ('id' in who) return (yield* readUser(who.id)).user;
  const user = yield* userCalled(who.name);
  if (user) return user;
  throw new Stop(say(`I found nobody called “${who.name}”. Check the spelling, or give the user name or the email address.`));
}

/** @returns undefined if nobody is called so. @throws Ambiguous */
export function* userCalled(name: string): Work<UserRecord | undefined> {
  for (const { attribute, value, also } of attempts(name)) {
    const { content } = yield* called('scim_search_users', { attribute, value });
    const candidates = (content as unknown as SearchContent).Resources.filter((user) => also?.(user) ?? true);
    if (candidates.length > 1) throw new Ambiguous(name, candidates);
    if (candidates[0]) return candidates[0];
  }
  return undefined;
}

/** Reads a person as they are now, and which fields somebody has unsaved changes of. */
export function* readUser(id: string): Work<{ user: UserRecord; drafts: Draft[] }> {
  const { content, metadata } = yield* called('scim_get_user', { user_id: id });
  const { others = [] } = (metadata['advisory'] ?? {}) as { others?: Draft[] };
  return { user: content, drafts: others.filter(({ kind, fields }) => kind === 'draft' && fields.length > 0) };
}

export interface Draft {
  who: string;
  kind: string;
  fields: string[];
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

/** Finds the one group that is meant, with its members. @throws Stop */
export function* findGroup(name: GroupName): Work<UserRecord> {
  const id = 'id' in name ? name.id : (yield* groupsCalled(name.group))[0]?.['id'];
  if (id === undefined && 'group' in name)
    throw new Stop(say(`There is no group called “${name.group}”. “List the groups” shows them.`));
  return (yield* called('scim_get_group', { group_id: id })).content;
}

/** @returns none or one group. @throws Stop where there are several. */
export function* groupsCalled(name: string): Work<UserRecord[]> {
  const { content } = yield* called('scim_search_groups', { attribute: 'displayName', value: name });
  const { Resources } = content as unknown as SearchContent;
  if (Resources.length < 2) return Resources;
  throw new Stop(
    say(
      `There are ${Resources.length} groups called “${name}”. Say which by its id: ${Resources.map(({ id }) => String(id)).join(', ')}.`,
    ),
  );
}

/** The SCIM filter (RFC 7644 §3.4.2.2) of all terms; undefined for everybody. */
export function* filterOf(terms: readonly Term[]): Work<string | undefined> {
  const filters: string[] = [];
  for (const term of terms) filters.push(yield* filterOfTerm(term));
  return filters.length === 0 ? undefined : filters.map((filter) => (filters.length > 1 ? `(${filter})` : filter)).join(' and ');
}

function* filterOfTerm(term: Term): Work<string> {
  switch (term.kind) {
    case 'filter':
      return term.filter;
    case 'place':
      return `${equals(`${enterpriseUrn}:department`, term.place)} or ${equals('addresses.locality', term.place)}`;
    case 'reports':
      return equals(managerPath, String((yield* findUser(term.to))['id']));
    case 'member': {
      const group = yield* findGroup({ group: term.of });
      return equals('groups.value', String(group['id']));
    }
  }
}

/** Everybody who is meant, as they are now. @throws Stop where they are too many. */
export function* findPeople(people: People): Work<UserRecord[]> {
  if ('named' in people) {
    const users: UserRecord[] = [];
    for (const who of people.named) users.push(yield* findUser(who));
    return users;
  }
  const filter = yield* filterOf(people.terms);
  const users: UserRecord[] = [];
  for (let cursor: unknown; ;) {
    const page = { count: pageSize, ...(cursor !== undefined && { cursor }) };
    const { content, metadata } = filter
      ? yield* called('scim_search_users', { filter, ...page })
      : yield* called('scim_list_users', page);
    const total = Number(metadata['total_results'] ?? 0);
    if (total > peopleMax)
      throw new Stop(say(`That would be ${total} people, and I change at most ${peopleMax} at once. Say it more narrowly.`));
    users.push(...(filter ? (content as unknown as SearchContent).Resources : (content as unknown as UserRecord[])));
    cursor = metadata['next_cursor'];
    if (cursor === undefined) return users;
  }
}

/** One page of people, and how many there are. */
export function* somePeople(
  people: Extract<People, { terms: unknown }>,
  count: number,
): Work<{ users: UserRecord[]; total: number }> {
  const filter = yield* filterOf(people.terms);
  if (filter === undefined) {
    const { content, metadata } = yield* called('scim_list_users', { count });
    return { users: content as unknown as UserRecord[], total: Number(metadata['total_results']) };
  }
  const { content } = yield* called('scim_search_users', { filter, count });
  const { Resources, totalResults } = content as unknown as SearchContent;
  return { users: Resources, total: totalResults };
}

/** What to ask where a name fits several people. The answer says the request again, with the id instead of the name. */
export function whichOf({ said, candidates }: Ambiguous, request: string) {
  const places = [
    ...request.toLowerCase().matchAll(new RegExp(said.toLowerCase().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'g')),
  ];
  const [place] = places;
  const isClear = place !== undefined && places.length === 1;
  const again = (id: string) => `${request.slice(0, place?.index)}${id}${request.slice((place?.index ?? 0) + said.length)}`;
  return {
    kind: 'ask' as const,
    text: `There are ${candidates.length} people who could be “${said}”.`,
    question: isClear ? 'Whom do you mean?' : 'Whom do you mean? Open one, then ask again with “this person”.',
    options: candidates.slice(0, shownMax).map((user) => ({
      label: [nameOf(user), user['title'], user['userName']].filter(Boolean).join(' · '),
      send: isClear ? again(String(user['id'])) : `Show ${String(user['id'])}`,
    })),
  };
}

/** Tries to read a person who may be gone. */
export function* mayRead(id: string): Work<UserRecord | undefined> {
  const result = yield* tried('scim_get_user', { user_id: id });
  if (result.success) return result.content;
  if (result.content.error_code === 'USER_NOT_FOUND') return undefined;
  throw new Stop(say(refusalText(result.content)));
}
