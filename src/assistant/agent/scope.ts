import type { ToolCall } from '../context.ts';
import type { UserRecord } from '../record.ts';

/**
 * What the person's request reaches, by two questions that need no model: *who* did they name, and *what* did they say. It is
 * how a change that a record has talked a model into is told from one that was asked for (decision 17).
 */
export class Scope {
  /** Everything the person has said in this conversation, in lower case. */
  #said = '';
  /** Ids, user names and addresses of those that are named, or found by what was said. */
  readonly #named = new Set<string>();
  /** Those that were read otherwise. */
  readonly #seen = new Set<string>();
  /** Texts that were read, in lower case, without those of the scope. */
  readonly #texts = new Set<string>();
  /** The texts of each record, by its id. */
  readonly #records = new Map<string, Set<string>>();

  /** Adds the person's own words, also answers that they gave or chose. */
  say(text: string): void {
    this.#said += ` ${normal(text)} `;
  }

  /** Adds somebody whom the person has open, or who was otherwise pointed at. */
  name(id: string): void {
    this.#named.add(normal(id));
  }

  /**
   * Adds what a call has brought. Its records are in the scope if the call looked for what the person said, or wrote them: what
   * is written was asked for, or was let through by the person.
   */
  read({ tool, arguments: args, result }: Pick<ToolCall, 'tool' | 'arguments' | 'result'>, isOwn: boolean): void {
    if (isOwn && describing.test(tool)) return;
    const reached = isOwn && (writing.test(tool) || this.#isFor(args));
    for (const record of recordsOf(result)) {
      const keys = identifiers(record);
      for (const key of keys) (reached ? this.#named : this.#seen).add(key);
      const texts = new Set<string>();
      collectTexts(record, texts);
      if (this.#records.size < recordsMax) this.#records.set(normal(String(record['id'])), texts);
    }
    collectTexts(result, this.#texts);
  }

  /** Whether anything was read that somebody else may have written. */
  get hasData(): boolean {
    return this.#texts.size > 0;
  }

  /**
   * Says what of a call the person has not asked for.
   * @returns undefined if all of it is theirs: whom it is about, and what is written.
   */
  beyond(args: Record<string, unknown>, isOwn: boolean): string | undefined {
    if (!this.hasData) return undefined;
    const leaves = leavesOf(args).filter(({ path }) => !bookkeeping.test(path));
    for (const { value } of leaves) {
      const who = typeof value === 'string' ? this.#stranger(normal(value), isOwn) : undefined;
      if (who !== undefined) return `It is about ${who}, whom you have not named.`;
    }
    if (!isOwn) return undefined;
    const read = [...this.#texts].join('\n');
    const target = args['user_id'] ?? args['group_id'];
    const own = typeof target === 'string' ? this.#records.get(normal(target)) : undefined;
    for (const { path, value } of leaves) {
      // A whole record is sent back with what it had; what is new in it is what counts.
      if (typeof value === 'string' && recordPath.test(path) && own?.has(normal(value))) continue;
      if (typeof value === 'boolean') {
        if (own?.has(`${lastName(path)}=${value}`)) continue;
        if (!this.#saidField(path)) return `It sets ${lastName(path)} to ${value}, which you have not said.`;
      } else if (typeof value === 'string' && this.#isTaken(normal(value), path, read))
        return `It writes “${shorten(value)}”, which comes from what was read and not from you.`;
    }
    return undefined;
  }

  /** A call is for the request if everything it looks for was said; what looks for nothing reaches everybody. */
  #isFor(args: Record<string, unknown>): boolean {
    const { filter, ...rest } = args;
    const wanted: string[] = [];
    for (const key of ['value', 'user_id', 'group_id', 'resource_id', 'query'])
      if (typeof rest[key] === 'string') wanted.push(normal(rest[key]));
    if (typeof filter === 'string') {
      const literals = [...filter.matchAll(/\b(\w+)\s+"((?:[^"\\]|\\.)*)"/g)];
      if (literals.length === 0 || literals.some(([, operator]) => operator?.toLowerCase() !== 'eq')) return false;
      wanted.push(...literals.map(([, , literal = '']) => normal(literal)));
    }
    return wanted.length > 0 && wanted.every((text) => this.#named.has(text) || this.#isSaid(text));
  }

  #isSaid(text: string): boolean {
    if (text.length < 2) return false;
    for (let at = this.#said.indexOf(text); at >= 0; at = this.#said.indexOf(text, at + 1)) {
      const [before = ' ', after = ' '] = [this.#said[at - 1], this.#said[at + text.length]];
      if (!isWordPart(before) && !isWordPart(after)) return true;
    }
    return false;
  }

  /** Somebody whom this text names, and the person has not. For other servers also in the middle of a text. */
  #stranger(text: string, isOwn: boolean): string | undefined {
    const isKnown = (key: string) => this.#named.has(key) || this.#isSaid(key);
    for (const id of text.match(uuids) ?? []) if (!isKnown(id)) return id;
    if (this.#seen.has(text) && !isKnown(text)) return text;
    if (isOwn) return undefined;
    for (const key of this.#seen) if (key.length > 3 && text.includes(key) && !isKnown(key)) return key;
    return undefined;
  }

  /** Whether a text to write was taken out of what was read, and was not said. */
  #isTaken(text: string, path: string, read: string): boolean {
    if (text.length < 2 || selectors.test(path) || this.#isSaid(text) || this.#named.has(text)) return false;
    return containsWord(read, text);
  }

  #saidField(path: string): boolean {
    const name = lastName(path);
    const words = name === 'active' ? activeWords : [name.toLowerCase()];
    return words.some((word) => this.#said.includes(word));
  }
}

/** Our tools that tell of the server and not of what people have written. */
const describing = /^scim_(get_schemas|server_info|validate_schema_extension)$/;
const writing = /^scim_(create|update|patch|modify|revert|resolve|bulk)/;
const uuids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** What says how to write and not what. */
const bookkeeping =
  /^(expected_version|reason|tenant_id|atomic|fail_on_errors|resource_type|conflict_id|strategy)$|(^|\.)(schemas|meta|_version|op|method|bulk_id|bulkId|primary|type|\$ref)(\.|$)/;
/** What says where to write. */
const selectors = /(^|\.)(path|user_id|group_id|resource_id|id)$/;
const recordPath = /^(user_data|group_data)\./;
/** Any of them in the person's words lets a change of `active` pass; in other languages it is asked. */
const activeWords = [
  'activ',
  'disabl',
  'enabl',
  'suspend',
  'block',
  'lock',
  'offboard',
  'leav',
  'left',
  'terminat',
  'status',
  'switch',
  'turn o',
];

interface Leaf {
  path: string;
  value: unknown;
}

function leavesOf(value: unknown, path = ''): Leaf[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, `${path}.${index}`));
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const patched = (value as { path?: unknown }).path;
  return Object.entries(value).flatMap(([key, item]) => {
    // The value of a patch operation belongs to the attribute that its path names.
    const name = key === 'value' && typeof patched === 'string' && patched !== '' ? `value.${patched}` : key;
    return leavesOf(item, path === '' ? name : `${path}.${name}`);
  });
}

function lastName(path: string): string {
  return path.split(/[.:]/).findLast((part) => !/^\d+$/.test(part) && part !== 'value') ?? path;
}

/** The users, groups and other things with an id in a result, not what they refer to. */
function recordsOf(result: unknown): UserRecord[] {
  const content = (result as { content?: unknown } | undefined)?.content ?? result;
  const { Resources, results } = (content ?? {}) as { Resources?: unknown; results?: unknown };
  const list = Array.isArray(content) ? content : ([Resources, results].find(Array.isArray) ?? [content]);
  return list.filter((one): one is UserRecord => typeof one === 'object' && one !== null && 'id' in one);
}

function identifiers(record: UserRecord): string[] {
  const values = [record['id'], record['userName'], ...valuesOf(record['emails'])];
  // Who names a group means those in it.
  const members = record['userName'] === undefined ? valuesOf(record['members']) : [];
  return [...values, ...members].filter((value) => typeof value === 'string').map(normal);
}

function valuesOf(list: unknown): unknown[] {
  return Array.isArray(list) ? list.map((one) => (one as { value?: unknown } | null)?.value) : [];
}

const textsMax = 20_000;
const recordsMax = 5000;

function collectTexts(value: unknown, into: Set<string>): void {
  for (const leaf of leavesOf(value)) {
    if (into.size >= textsMax) return;
    if (typeof leaf.value === 'string' && leaf.value.length > 1) into.add(normal(leaf.value));
    if (typeof leaf.value === 'boolean') into.add(`${lastName(leaf.path)}=${leaf.value}`);
  }
}

function normal(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

function isWordPart(character: string): boolean {
  return /[\p{L}\p{N}_]/u.test(character);
}

function containsWord(text: string, part: string): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1))
    if (!isWordPart(text[at - 1] ?? ' ') && !isWordPart(text[at + part.length] ?? ' ')) return true;
  return false;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
