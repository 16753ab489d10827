import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, BulkItem, Door } from './doors.ts';
import type { Intent, Log, Outcome, Write } from './log.ts';
import type { Random } from './random.ts';
import { department, groupPaths, memberPath, recordOf, userPaths, type Content, type Fields, type Type } from './record.ts';

/** Everything that there ever was; shared by all clients, which so collide. */
export interface Pool {
  users: string[];
  groups: string[];
  /** A few names that users take from each other. */
  names: readonly string[];
  /** Of each resource, versions that somebody has seen. */
  versions: Map<string, string[]>;
}

/** What a client has of a resource. */
interface Held extends Content {
  version: string;
}

const removable = new Set<string>(['title', 'nickName', 'displayName', department, 'externalId']);
/** What a client does, as often as it stands here. */
const kinds = [
  'read',
  'all',
  'edit',
  'edit',
  'patch',
  'patch',
  'members',
  'members',
  'bulk',
  'bulk',
  'delete',
  'back',
  'revert',
] as const;
const usersMax = 9;
const groupsMax = 4;

/** One client, which does one thing after the other. */
export class Actor {
  readonly name: string;
  readonly #door: Door;
  readonly #random: Random;
  readonly #log: Log;
  readonly #pool: Pool;
  readonly #held = new Map<string, Held>();
  readonly #series: string;
  #count = 0;

  /** @param name under which its key is known. @param parts.series begins the values that it writes, with its name. */
  constructor(name: string, parts: { door: Door; random: Random; log: Log; pool: Pool; series?: number }) {
    this.name = name;
    this.#series = `${name}-${parts.series ?? 0}`;
    this.#door = parts.door;
    this.#random = parts.random;
    this.#log = parts.log;
    this.#pool = parts.pool;
  }

  /** Does something, knowing what it does. */
  async act(): Promise<void> {
    const random = this.#random;
    const type: Type = random.chance(0.65) ? 'User' : 'Group';
    const ids = type === 'User' ? this.#pool.users : this.#pool.groups;
    if (ids.length === 0 || (random.chance(0.05) && ids.length < (type === 'User' ? usersMax : groupsMax)))
      return this.create(type);
    const id = random.one(ids);
    switch (random.one(kinds)) {
      case 'read':
        return void (await this.#read(type, id));
      case 'all':
        return void (await this.#log.read(
          this.name,
          () => this.#door.all(type),
          (versions) => ({ kind: 'all', type, versions }),
        ));
      case 'edit':
        return this.#edit(type, id);
      case 'patch':
        return this.#patch(type, id);
      case 'members':
        return this.#moveMembers(random.one(this.#pool.groups));
      case 'bulk':
        return this.#bulk();
      case 'delete':
        return random.chance(0.3) ? this.#delete(type, id) : undefined;
      case 'back':
        return this.#bringBack(type, id);
      case 'revert':
        return this.#revert(type, id);
    }
  }

  /**
   * Does what a client does that looks only at the version: takes a record once, changes a field of it, and sends all of it with
   * whatever version is there.
   */
  async actBlindly(): Promise<void> {
    const random = this.#random;
    const type: Type = random.chance(0.7) ? 'User' : 'Group';
    const ids = type === 'User' ? this.#pool.users : this.#pool.groups;
    if (ids.length === 0) return;
    const id = random.one(ids);
    const held = this.#held.get(id) ?? (await this.#read(type, id));
    if (!held) return;
    const path = random.one(type === 'User' ? userPaths : groupPaths);
    const fields = { ...held.fields, [path]: this.#value() };
    const members = type === 'Group' ? held.members : undefined;
    for (let attempt = 0; attempt < 4; attempt++) {
      const now = await this.#read(type, id, false);
      if (!now) return void this.#held.delete(id);
      const expected = random.chance(0.8) ? now.version : undefined;
      const write = this.#write({ type, id, intent: { kind: 'replace', fields, members }, expected, meant: [path] });
      const answer = await this.#send(write, () => this.#door.replace(type, id, recordOf(type, fields, members), expected));
      if (!answer.ok && random.chance(0.3)) await this.#settle(write, answer);
      if (write.outcome.kind !== 'done') continue;
      this.#held.set(id, { fields, members: held.members, version: write.outcome.version ?? '' });
      return;
    }
    if (random.chance(0.5)) this.#held.delete(id);
  }

  async create(type: Type): Promise<void> {
    const random = this.#random;
    const fields = type === 'User' ? this.#newUser() : { displayName: this.#value() };
    const members = type === 'Group' ? random.some(this.#pool.users, 3) : undefined;
    const write = this.#write({ type, intent: { kind: 'create', fields, members } });
    const answer = await this.#send(write, () => this.#door.create(type, recordOf(type, fields, members)));
    if (answer.ok && answer.id !== undefined) this.#found(type, answer.id);
  }

  #newUser(): Fields {
    const name = this.#random.chance(0.3) ? this.#random.one(this.#pool.names) : this.#value();
    const paths = userPaths.filter((path) => !removable.has(path) || this.#random.chance(0.5));
    return { userName: name, ...Object.fromEntries(paths.map((path) => [path, this.#value()])) };
  }

  #found(type: Type, id: string): void {
    (type === 'User' ? this.#pool.users : this.#pool.groups).push(id);
  }

  /** @param keep whether it looks at the record too. */
  async #read(type: Type, id: string, keep = true): Promise<Held | undefined> {
    const answer = await this.#log.read(
      this.name,
      () => this.#door.get(type, id),
      (got) => {
        if (!got.ok) return { kind: 'one', type, id };
        const { version = '', fields = {}, members } = got;
        return { kind: 'one', type, id, version, fields, members };
      },
    );
    if (!answer.ok) return undefined;
    const { version = '', fields = {}, members } = answer;
    this.#saw(id, version);
    if (!members && type === 'Group' && keep && !this.#door.recreate) return undefined;
    const held = { version, fields, members: members ?? [] };
    if (keep) this.#held.set(id, held);
    return held;
  }

  #saw(id: string, version: string | undefined): void {
    if (version !== undefined) this.#pool.versions.set(id, [...(this.#pool.versions.get(id) ?? []), version].slice(-30));
  }

  async #edit(type: Type, id: string): Promise<void> {
    const random = this.#random;
    const base = await this.#read(type, id);
    if (!base) return;
    await sleep(random.below(6));
    const changes = random.some([...(type === 'User' ? userPaths : groupPaths)], 2);
    const fields: Record<string, string> = { ...base.fields };
    for (const path of changes)
      if (removable.has(path) && path !== 'displayName' && random.chance(0.15)) delete fields[path];
      else fields[path] = this.#value();
    if (type === 'User' && random.chance(0.1)) fields['userName'] = random.one(this.#pool.names);
    const meant: string[] = [...changes, ...(fields['userName'] === base.fields['userName'] ? [] : ['userName'])];
    let members: string[] | undefined;
    if (type === 'Group' && !this.#door.recreate && random.chance(0.6)) {
      const moved = random.some(this.#pool.users, 2);
      const was = new Set(base.members);
      members = [...base.members.filter((member) => !moved.includes(member)), ...moved.filter((member) => !was.has(member))];
      meant.push(...moved.map(memberPath));
    }
    const expected = this.#door.recreate || random.chance(0.7) ? base.version : undefined;
    const write = this.#write({ type, id, intent: { kind: 'replace', fields, members }, expected, meant });
    const answer = await this.#send(write, () => this.#door.replace(type, id, recordOf(type, fields, members), expected));
    await this.#settle(write, answer);
  }

  async #patch(type: Type, id: string): Promise<void> {
    const { patch } = this.#door;
    if (!patch) return;
    const expected = await this.#expected(type, id);
    const write = this.#patchOf(type, id, expected);
    const answer = await this.#send(write, () => patch(type, id, operationsOf(write.intent), expected));
    await this.#settle(write, answer);
  }

  #patchOf(type: Type, id: string, expected: string | undefined): Write {
    const random = this.#random;
    const sets: Record<string, string | null> = {};
    for (const path of random.some([...(type === 'User' ? userPaths : groupPaths)], 2))
      sets[path] = removable.has(path) && path !== 'displayName' && random.chance(0.2) ? null : this.#value();
    if (type === 'User' && random.chance(0.1)) sets['userName'] = random.one(this.#pool.names);
    const moved = type === 'Group' && random.chance(0.5) ? random.some(this.#pool.users, 2) : [];
    const [add, remove] = random.chance(0.6) ? [moved, []] : [[], moved];
    const meant = [...Object.keys(sets), ...moved.map(memberPath)];
    return this.#write({ type, id, intent: { kind: 'patch', sets, add, remove }, expected, meant });
  }

  async #moveMembers(id: string): Promise<void> {
    const { members } = this.#door;
    if (!members || this.#pool.users.length === 0) return;
    const random = this.#random;
    const [moved, isIn] = [random.some(this.#pool.users, 3), random.chance(0.6)];
    const change = isIn ? { add: moved, remove: [] } : { add: [], remove: moved };
    const expected = this.#door.recreate || random.chance(0.7) ? undefined : await this.#expected('Group', id);
    const write = this.#write({
      type: 'Group',
      id,
      intent: { kind: 'patch', sets: {}, ...change },
      expected,
      meant: moved.map(memberPath),
    });
    await this.#settle(write, await this.#send(write, () => members(id, change, expected)));
  }

  async #expected(type: Type, id: string): Promise<string | undefined> {
    if (this.#random.chance(0.4)) return undefined;
    const known = this.#held.get(id);
    return (known && this.#random.chance(0.5) ? known : await this.#read(type, id))?.version;
  }

  async #delete(type: Type, id: string): Promise<void> {
    const mayBeAny = !this.#door.recreate && this.#random.chance(0.5);
    const expected = mayBeAny ? undefined : ((await this.#read(type, id))?.version ?? 'none');
    const write = this.#write({ type, id, intent: { kind: 'delete' }, expected });
    await this.#settle(write, await this.#send(write, () => this.#door.remove(type, id, expected)));
  }

  async #bringBack(type: Type, id: string): Promise<void> {
    const { recreate } = this.#door;
    if (!recreate) return this.#revert(type, id);
    const fields = this.#held.get(id)?.fields ?? (type === 'User' ? this.#newUser() : { displayName: this.#value() });
    const write = this.#write({ type, id, intent: { kind: 'restore', fields } });
    await this.#send(write, () => recreate(type, id, recordOf(type, fields)));
  }

  async #revert(type: Type, id: string): Promise<void> {
    const { revert } = this.#door;
    const versions = this.#pool.versions.get(id);
    if (!revert || !versions) return;
    const random = this.#random;
    const to = random.one(versions);
    const expected = random.chance(0.5) ? (await this.#read(type, id))?.version : undefined;
    const fields = random.chance(0.5) ? undefined : random.some(type === 'User' ? [...userPaths] : ['displayName', 'members'], 2);
    const write = this.#write({ type, id, intent: { kind: 'revert', to, fields }, expected });
    await this.#settle(write, await this.#send(write, () => revert(type, id, to, { expected, ...(fields && { fields }) })));
  }

  async #bulk(): Promise<void> {
    const { bulk, tool } = this.#door as Door & { tool?: unknown };
    if (!bulk) return;
    const random = this.#random;
    const isWindow = this.#door.recreate !== undefined;
    const atomic = tool !== undefined && random.chance(0.6);
    const writes: Write[] = [];
    const items: BulkItem[] = [];
    for (const id of random.some(this.#pool.users, 3)) {
      const known = isWindow || random.chance(0.4) ? await this.#read('User', id) : undefined;
      const write = random.chance(0.04)
        ? this.#write({
            type: 'User',
            id,
            intent: { kind: 'delete' },
            expected: known?.version ?? (isWindow ? 'none' : undefined),
          })
        : this.#patchOf('User', id, known?.version ?? (isWindow ? 'none' : undefined));
      writes.push(write);
      const { intent, expected } = write;
      const isPatch = intent.kind === 'patch';
      items.push({
        method: isPatch ? 'PATCH' : 'DELETE',
        type: 'User',
        id,
        expected,
        ...(isPatch && { data: operationsOf(intent) }),
      });
    }
    const groups = isWindow ? [] : this.#pool.groups;
    if (groups.length > 0 && random.chance(0.7)) {
      const id = random.one(groups);
      const write = this.#patchOf('Group', id, undefined);
      writes.push(write);
      items.push({ method: 'PATCH', type: 'Group', id, data: operationsOf(write.intent) });
    }
    const send = async () => {
      const answers = await bulk(items, atomic);
      for (const [index, write] of writes.entries()) {
        const answer = answers[index];
        if (!answer) throw new Error('an operation of a bulk request has no result');
        write.outcome = outcomeOf(answer);
      }
    };
    await this.#log.write(this.name, writes, send, atomic);
  }

  /** Settles a conflict by tool, where it has one. */
  async #settle(write: Write, answer: Answer): Promise<void> {
    const { resolve } = this.#door;
    const random = this.#random;
    if (!resolve || answer.ok || answer.conflictId === undefined || random.chance(0.3)) return;
    const { conflictId, overlapping = [], base = '' } = answer;
    const { type, id, intent } = write;
    await sleep(random.below(6));
    if (intent.kind === 'delete') {
      const again = this.#write({ type, id, intent });
      return void (await this.#send(again, () => resolve(conflictId, 'immediate_retry')));
    }
    const strategy = random.one(['merge', 'merge', 'merge', 'alternative', 'immediate_retry', 'abandon']);
    if (strategy === 'abandon') return void (await resolve(conflictId, strategy));
    const isMeant = (path: string) => write.meant?.includes(path) ?? true;
    const mine = strategy === 'merge' ? overlapping.filter((path) => isMeant(path) && random.chance(0.5)) : [];
    const choices =
      strategy === 'merge' && overlapping.length > 0
        ? Object.fromEntries(overlapping.map((path) => [path, mine.includes(path) ? 'mine' : 'theirs']))
        : undefined;
    const { outcome: _outcome, ...of } = write;
    const merge: Write = this.#write({
      type,
      id,
      intent: { kind: 'merge', of: { ...of, outcome: { kind: 'unknown' } }, base, mine },
      meant: write.meant,
    });
    await this.#send(merge, () => resolve(conflictId, strategy, choices));
  }

  #write(write: Omit<Write, 'outcome'>): Write {
    return { ...write, outcome: { kind: 'unknown' } };
  }

  async #send(write: Write, send: () => Promise<Answer>): Promise<Answer> {
    let answer: Answer | undefined;
    await this.#log.write(this.name, [write], async () => {
      answer = await send();
      write.outcome = outcomeOf(answer);
      if (answer.ok && answer.id !== undefined) write.id = answer.id;
    });
    if (!answer) throw new Error('an answer was awaited');
    if (answer.ok && write.id !== undefined) this.#saw(write.id, answer.version);
    return answer;
  }

  /** A value that nobody else writes. */
  #value(): string {
    return `${this.#series}-${++this.#count}`;
  }
}

function outcomeOf(answer: Answer): Outcome {
  if (!answer.ok) return { kind: 'refused', code: answer.code, current: answer.current };
  return { kind: 'done', version: answer.version, changed: answer.changed };
}

function operationsOf(intent: Intent): Record<string, unknown>[] {
  if (intent.kind !== 'patch') return [];
  const { sets, add = [], remove = [] } = intent;
  return [
    ...Object.entries(sets).map(([path, value]) => (value === null ? { op: 'remove', path } : { op: 'replace', path, value })),
    ...(add.length > 0 ? [{ op: 'add', path: 'members', value: add.map((value) => ({ value })) }] : []),
    ...remove.map((member) => ({ op: 'remove', path: memberPath(member) })),
  ];
}
