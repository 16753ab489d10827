import { DirectoryError, type Actor, type Directory, type ResourceType, type Versioned } from '../directory/index.ts';
import { createPace } from './pace.ts';
import { versionOfWish } from './json-read.ts';
import type { MemberWish, Wish } from './row.ts';

/** One filter asks for so many at once: each more is cheap, and its length has a bound. */
const termsMax = 40;
const filterLengthMax = 7000;
const valueLengthMax = 1000;
/** Who was found is remembered, since many rows name the same manager. */
const rememberedMax = 20_000;

/** @returns a resource, or undefined where there is none. */
export async function getOrNone(
  directory: Directory,
  actor: Actor,
  type: ResourceType,
  id: string,
): Promise<Versioned | undefined> {
  if (!(await directory.exists(actor, type, id))) return undefined;
  return directory.get(actor, type, id).catch((error: unknown) => {
    if (error instanceof DirectoryError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
}

/**
 * Finds the resources that have one of many values.
 * @returns by the value, in lower case where `fold` says that case does not matter.
 */
async function findMany(
  directory: Directory,
  actor: Actor,
  type: ResourceType,
  attribute: 'userName' | 'externalId' | 'displayName',
  values: Iterable<string>,
): Promise<Map<string, Versioned[]>> {
  const fold = (value: string) => (attribute === 'externalId' ? value : value.toLowerCase());
  const wanted = [...new Set([...values].filter((value) => value !== '' && value.length <= valueLengthMax).map(fold))];
  const found = new Map<string, Versioned[]>();
  const pace = createPace();
  for (const filter of filtersOf(attribute, wanted)) {
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const { rows, nextCursor } = await directory.list(actor, type, { filter, count: 500, cursor });
      for (const row of rows) {
        const value = row.resource[attribute];
        if (typeof value === 'string') found.set(fold(value), [...(found.get(fold(value)) ?? []), row]);
      }
      cursor = nextCursor;
    }
    await pace();
  }
  return found;
}

function* filtersOf(attribute: string, values: readonly string[]): Generator<string> {
  let terms: string[] = [];
  let length = 0;
  for (const value of values) {
    const term = `${attribute} eq ${JSON.stringify(value)}`;
    if (terms.length === termsMax || length + term.length > filterLengthMax) {
      yield terms.join(' or ');
      terms = [];
      length = 0;
    }
    terms.push(term);
    length += term.length + 4;
  }
  if (terms.length > 0) yield terms.join(' or ');
}

/** Whom a row is about. */
export interface Match {
  current?: Versioned;
  /** The version that the row says it was exported with, if it is about this resource at all. */
  version?: string;
  /** Why it cannot be told, in one sentence. */
  ambiguous?: string;
  /** Another has the userName that the row gives to this one. */
  taken?: boolean;
}

/** By what else than its id and userName a row is held to be about somebody who is there. */
export interface MatchOptions {
  matchExternalId?: boolean | undefined;
}

/**
 * Finds whom each of some rows is about: by id, else by userName (a group by its displayName), else, where asked for, by
 * externalId.
 */
export async function matchWishes(
  directory: Directory,
  actor: Actor,
  type: ResourceType,
  wishes: readonly Wish[],
  { matchExternalId = false }: MatchOptions,
): Promise<Match[]> {
  const nameAttribute = type === 'User' ? 'userName' : 'displayName';
  const byId = new Map<string, Versioned>();
  const pace = createPace();
  for (const { id } of wishes) {
    await pace();
    const found = id === undefined ? undefined : await getOrNone(directory, actor, type, id);
    if (found) byId.set(found.resource.id, found);
  }
  const isNamed = ({ id, patch }: Wish) => {
    const current = id === undefined ? undefined : byId.get(id);
    return !current || (type === 'User' && foldName(current.resource['userName']) !== foldName(patch['userName']));
  };
  const named = wishes.filter(isNamed);
  const byName = await findMany(directory, actor, type, nameAttribute, textsOf(named, nameAttribute));
  const nameless = matchExternalId ? wishes.filter((wish) => !byId.has(wish.id ?? '') && !byName.has(nameIn(wish))) : [];
  const byExternalId = await findMany(directory, actor, type, 'externalId', textsOf(nameless, 'externalId'));

  function nameIn({ patch }: Wish): string {
    return foldName(patch[nameAttribute]);
  }
  return wishes.map((wish): Match => {
    const own = wish.id === undefined ? undefined : byId.get(wish.id);
    const names = byName.get(nameIn(wish)) ?? [];
    if (own) {
      const taken = type === 'User' && names.some(({ resource }) => resource.id !== own.resource.id);
      return matched(own, wish, taken);
    }
    const externalId = wish.patch['externalId'];
    const others = names.length > 0 || typeof externalId !== 'string' ? names : (byExternalId.get(externalId) ?? []);
    if (others.length > 1)
      return { ambiguous: `${others.length} ${type === 'User' ? 'people' : 'groups'} are called so; give the id of one.` };
    return others[0] ? matched(others[0], wish, false) : {};
  });
}

function matched(current: Versioned, wish: Wish, taken: boolean): Match {
  const version = wish.id === current.resource.id ? versionOfWish(wish) : undefined;
  return { current, ...(version !== undefined && { version }), ...(taken && { taken }) };
}

function textsOf(wishes: readonly Wish[], attribute: string): string[] {
  return wishes.flatMap(({ patch }) => (typeof patch[attribute] === 'string' ? [patch[attribute]] : []));
}

function foldName(name: unknown): string {
  return typeof name === 'string' ? name.toLowerCase() : '';
}

/** Finds out who is meant where a file names a manager or a member. */
export class References {
  readonly #directory: Directory;
  readonly #actor: Actor;
  readonly #managers = new Map<string, string>();
  /** Ids that a file gives to people who have others here, with their userNames. */
  readonly aliases = new Map<string, string>();

  constructor(directory: Directory, actor: Actor) {
    this.#directory = directory;
    this.#actor = actor;
  }

  /** @returns the ids of those who are there, by what they were called. */
  async managers(texts: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    if (this.#managers.size > rememberedMax) this.#managers.clear();
    const unknown: string[] = [];
    for (const text of new Set(texts)) {
      if (this.#managers.has(text)) continue;
      if (await this.#directory.exists(this.#actor, 'User', text)) this.#managers.set(text, text);
      else unknown.push(text);
    }
    const nameOf = (text: string) => this.aliases.get(text) ?? text;
    const found = await findMany(this.#directory, this.#actor, 'User', 'userName', unknown.map(nameOf));
    for (const text of unknown) {
      const [person] = found.get(nameOf(text).toLowerCase()) ?? [];
      if (person) this.#managers.set(text, person.resource.id);
    }
    return this.#managers;
  }

  /** @returns the ids of the members that are there, and what the others are called. */
  async members(wishes: readonly MemberWish[]): Promise<{ ids: Set<string>; unknown: string[] }> {
    const ids = new Set<string>();
    const named: MemberWish[] = [];
    const pace = createPace();
    for (const wish of wishes) {
      const { id } = wish;
      if (id !== undefined && (await this.#isSomebody(id))) ids.add(id);
      else named.push(wish);
      await pace();
    }
    const callings = named.map(({ id, name }) => name ?? this.aliases.get(id ?? '') ?? id ?? '');
    const users = await findMany(this.#directory, this.#actor, 'User', 'userName', callings);
    const others = callings.filter((name) => !users.has(name.toLowerCase()));
    const groups = await findMany(this.#directory, this.#actor, 'Group', 'displayName', others);
    const unknown: string[] = [];
    for (const name of callings) {
      const [person] = users.get(name.toLowerCase()) ?? [];
      const sameName = groups.get(name.toLowerCase()) ?? [];
      const member = person ?? (sameName.length === 1 ? sameName[0] : undefined);
      if (member) ids.add(member.resource.id);
      else unknown.push(name);
    }
    return { ids, unknown };
  }

  async #isSomebody(id: string): Promise<boolean> {
    return (await this.#directory.exists(this.#actor, 'User', id)) || (await this.#directory.exists(this.#actor, 'Group', id));
  }
}
