import { difference, type Content, type Fields, type Type } from './record.ts';
import type { Write } from './log.ts';

export interface Key {
  type: Type;
  id: string;
}

/** A resource at one moment. */
export interface State extends Content {
  version: string;
}

/** What a write does to one resource, told without a version. */
export interface Effect extends Key {
  operation: 'create' | 'replace' | 'patch' | 'delete' | 'recreate';
  before: State | undefined;
  after: Content | undefined;
}

/** A write that the model would refuse, and why. */
export class Impossible extends Error {}

/**
 * The sequential model: what is there, and what a write makes of it. It is as plain as it can be: a map of paths, and sets of
 * members.
 */
export class Model {
  readonly #now = new Map<string, State>();
  readonly #past = new Map<string, State[]>();
  readonly #deleted = new Map<string, { members: readonly string[]; groups: readonly string[] }>();

  get({ id }: Pick<Key, 'id'>): State | undefined {
    return this.#now.get(id);
  }

  /** All that is there, by id. */
  now(): ReadonlyMap<string, State> {
    return this.#now;
  }

  /** Takes note of a revision that was checked. */
  put({ type, id, before, after }: Effect, version: string, groups: readonly string[]): void {
    if (after) {
      const state = { ...after, version };
      this.#now.set(id, state);
      this.#past.set(id, [...(this.#past.get(id) ?? []), state]);
    } else {
      this.#now.delete(id);
      this.#deleted.set(id, { members: type === 'Group' ? (before?.members ?? []) : [], groups });
    }
  }

  groupsOf(id: string): string[] {
    return [...this.#now].flatMap(([group, { members }]) => (members.includes(id) ? [group] : []));
  }

  /** @returns what a write does now, in the order of its revisions; nothing where all is as it wants it. @throws Impossible. */
  effects(write: Write & Key): Effect[] {
    const { type, id, intent, expected } = write;
    const before = this.get(write);
    if (expected !== undefined && before?.version !== expected)
      throw new Impossible(`it was for ${expected}, and there is ${before?.version ?? 'nothing'}`);
    if (intent.kind === 'create' || intent.kind === 'restore' || (intent.kind === 'revert' && !before))
      return this.#create(write, before);
    if (!before) throw new Impossible('it is not there');
    if (intent.kind === 'delete')
      return [
        ...this.groupsOf(id).map((group) => this.#leave(group, id)),
        { type, id, operation: 'delete', before, after: undefined },
      ];
    const after = this.#wanted(write, before);
    if (difference(before, after).length === 0) return [];
    const isWhole = intent.kind === 'replace' || (intent.kind === 'revert' && !intent.fields);
    return [{ type, id, operation: isWhole ? 'replace' : 'patch', before, after: this.#checked(after) }];
  }

  #create({ type, id, intent }: Write & Key, existing: State | undefined): Effect[] {
    if (existing) throw new Impossible('it is there already');
    const gone = this.#deleted.get(id);
    const joins = (gone?.groups ?? []).filter((group) => this.#now.has(group)).map((group) => this.#join(group, id));
    if (intent.kind === 'revert') {
      const then = this.#version(id, intent.to);
      const members = then.members.filter((member) => this.#now.has(member));
      const after = this.#checked({ fields: then.fields, members });
      return [{ type, id, operation: 'recreate', before: undefined, after }, ...joins];
    }
    if (intent.kind !== 'create' && intent.kind !== 'restore') throw new Impossible('it is not there');
    const { fields } = intent;
    if (intent.kind === 'create') {
      const members = sorted(intent.members ?? []);
      return [{ type, id, operation: 'create', before: undefined, after: this.#checked({ fields, members }) }];
    }
    if (!gone) throw new Impossible('it was never deleted');
    const members = sorted(intent.members ?? gone.members.filter((member) => this.#now.has(member)));
    return [{ type, id, operation: 'recreate', before: undefined, after: this.#checked({ fields, members }) }, ...joins];
  }

  #leave(id: string, member: string): Effect {
    return this.#moved(id, (members) => members.filter((other) => other !== member));
  }

  #join(id: string, member: string): Effect {
    return this.#moved(id, (members) => sorted([...members, member]));
  }

  #moved(id: string, move: (members: readonly string[]) => readonly string[]): Effect {
    const before = this.#now.get(id);
    if (!before) throw new Impossible('no such group');
    return { type: 'Group', id, operation: 'patch', before, after: { fields: before.fields, members: move(before.members) } };
  }

  /** What an update makes of a resource. */
  #wanted(write: Write & Key, current: Content): Content {
    const { id, intent } = write;
    switch (intent.kind) {
      case 'replace':
        return { fields: intent.fields, members: sorted(intent.members ?? current.members) };
      case 'patch': {
        const fields = { ...current.fields };
        for (const [path, value] of Object.entries(intent.sets))
          if (value === null) delete fields[path];
          else fields[path] = value;
        const gone = new Set(intent.remove);
        return { fields, members: sorted([...current.members, ...(intent.add ?? [])].filter((member) => !gone.has(member))) };
      }
      case 'revert': {
        const then = this.#version(id, intent.to);
        const isWanted = (path: string) => !intent.fields || intent.fields.includes(path);
        const members = then.members.filter((member) => current.members.includes(member) || this.#now.has(member));
        return {
          fields: chosen(current.fields, then.fields, isWanted),
          members: isWanted('members') ? members : current.members,
        };
      }
      case 'merge': {
        const base = this.#version(id, intent.base);
        const mine = this.#wanted({ ...intent.of, id }, base);
        const isMine = (path: string) => {
          const [b, m, t] = [base, mine, current].map(({ fields }) => fields[path]);
          return m !== b && (t === b || intent.mine.includes(path));
        };
        const [was, wanted] = [new Set(base.members), new Set(mine.members)];
        const members = new Set(current.members);
        for (const member of wanted) if (!was.has(member)) members.add(member);
        for (const member of was) if (!wanted.has(member)) members.delete(member);
        // Members that are named are meant, whatever was there.
        if (intent.of.intent.kind === 'patch') {
          for (const member of intent.of.intent.add ?? []) members.add(member);
          for (const member of intent.of.intent.remove ?? []) members.delete(member);
        }
        return { fields: chosen(current.fields, mine.fields, isMine), members: sorted(members) };
      }
      case 'create':
      case 'restore':
      case 'delete':
        throw new Impossible(`${intent.kind} changes nothing that is there`);
    }
  }

  #version(id: string, version: string): State {
    const state = this.#past.get(id)?.findLast((past) => past.version === version);
    if (!state) throw new Impossible(`it never had the version ${version}`);
    return state;
  }

  /** @throws Impossible for members that are not there, and names that are taken: other writes must not lead there. */
  #checked(content: Content): Content {
    const unknown = content.members.find((member) => !this.#now.has(member));
    if (unknown !== undefined) throw new Impossible(`the member ${unknown} is not there`);
    return content;
  }
}

function chosen(current: Fields, other: Fields, isWanted: (path: string) => boolean): Fields {
  const fields: Record<string, string> = {};
  for (const path of new Set([...Object.keys(current), ...Object.keys(other)])) {
    const value = (isWanted(path) ? other : current)[path];
    if (value !== undefined) fields[path] = value;
  }
  return fields;
}

function sorted(ids: Iterable<string>): string[] {
  return [...new Set(ids)].toSorted();
}
