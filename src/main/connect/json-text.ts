import { isDeepStrictEqual } from 'node:util';

/** A member of an object in JSON text: offsets into the text. */
interface Member {
  key: string;
  keyStart: number;
  valueStart: number;
  valueEnd: number;
}

interface ObjectSpan {
  /** Of the opening brace. */
  start: number;
  /** After the closing brace. */
  end: number;
  members: Member[];
}

/** What an object in JSON text names more than once: readers disagree about which of the two counts. */
export class DuplicateKey extends Error {}

/**
 * Adds a member to JSON text, or replaces its value, and leaves every other character as it is. New lines are indented as the text is.
 * @param text valid JSON (RFC 8259) whose root, and whose value at each key of `path` but the last, is an object or absent.
 * @param path keys from the root, at least one.
 * @throws DuplicateKey if a key of the path stands more than once.
 */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  const style = styleOf(text);
  let object = objectAt(text, skipSpace(text, 0));
  for (const [depth, key] of path.entries()) {
    const member = memberOf(object, key);
    const rest = path.slice(depth + 1);
    if (!member) return insert(text, object, key, wrap(rest, value), style);
    if (rest.length === 0) {
      const { keyStart, valueStart, valueEnd } = member;
      if (isDeepStrictEqual(JSON.parse(text.slice(valueStart, valueEnd)), value)) return text;
      const isFlat = !text.slice(object.start, object.end).includes('\n');
      return splice(text, valueStart, valueEnd, print(value, isFlat ? undefined : paddingAt(text, keyStart), style));
    }
    object = objectAt(text, member.valueStart);
  }
  return text;
}

/**
 * Removes a member from JSON text with the comma that it needs no more, and leaves every other character as it is.
 * @param text as for setMember. @returns the same text if there is no such member.
 * @throws DuplicateKey if a key of the path stands more than once.
 */
export function removeMember(text: string, path: readonly string[]): string {
  let object = objectAt(text, skipSpace(text, 0));
  for (const [depth, key] of path.entries()) {
    const member = memberOf(object, key);
    if (!member) return text;
    if (depth < path.length - 1) {
      object = objectAt(text, member.valueStart);
      continue;
    }
    const index = object.members.indexOf(member);
    const before = object.members[index - 1];
    const after = object.members[index + 1];
    if (before) return splice(text, before.valueEnd, member.valueEnd, '');
    if (after) return splice(text, member.keyStart, after.keyStart, '');
    return splice(text, object.start + 1, object.end - 1, '');
  }
  return text;
}

interface Style {
  indent: string;
  newline: string;
}

function styleOf(text: string): Style {
  return { indent: /\n([ \t]+)"/.exec(text)?.[1] ?? '  ', newline: text.includes('\r\n') ? '\r\n' : '\n' };
}

function insert(text: string, object: ObjectSpan, key: string, value: unknown, style: Style): string {
  const last = object.members.at(-1);
  if (!last) {
    const outer = paddingAt(text, object.start);
    const inner = outer + style.indent;
    const member = `${JSON.stringify(key)}: ${print(value, inner, style)}`;
    return splice(text, object.start + 1, object.end - 1, `${style.newline}${inner}${member}${style.newline}${outer}`);
  }
  // The space before the last key is how this object separates its members.
  const space = /\s*$/.exec(text.slice(object.start + 1, last.keyStart))?.[0] ?? '';
  const isFlat = !space.includes('\n');
  const printed = print(value, isFlat ? undefined : paddingAt(text, last.keyStart), style);
  return splice(text, last.valueEnd, last.valueEnd, `,${space}${JSON.stringify(key)}:${isFlat ? '' : ' '}${printed}`);
}

/** @param padding of the line on which the value begins; absent to print it on one line. */
function print(value: unknown, padding: string | undefined, { indent, newline }: Style): string {
  if (padding === undefined) return JSON.stringify(value);
  return JSON.stringify(value, null, indent).replaceAll('\n', newline + padding);
}

/** The space at the beginning of the line. */
function paddingAt(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at) + 1, at))?.[0] ?? '';
}

function wrap(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner: unknown, key) => ({ [key]: inner }), value);
}

function splice(text: string, start: number, end: number, inner: string): string {
  return text.slice(0, start) + inner + text.slice(end);
}

function memberOf({ members }: ObjectSpan, key: string): Member | undefined {
  const found = members.filter((member) => member.key === key);
  if (found.length > 1) throw new DuplicateKey(key);
  return found[0];
}

/** @param at of the opening brace. */
function objectAt(text: string, at: number): ObjectSpan {
  const members: Member[] = [];
  let next = skipSpace(text, at + 1);
  while (text[next] !== '}') {
    const keyEnd = endOfString(text, next);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.push({ key: JSON.parse(text.slice(next, keyEnd)) as string, keyStart: next, valueStart, valueEnd });
    next = skipSpace(text, valueEnd);
    if (text[next] === ',') next = skipSpace(text, next + 1);
  }
  return { start: at, end: next + 1, members };
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length;) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else {
      if (char === '{' || char === '[') depth++;
      if (char === '}' || char === ']') depth--;
      // The end of what is around it.
      if (depth < 0 || (depth === 0 && char === ',')) return trimEnd(text, start, at);
      at++;
    }
    if (depth === 0 && (char === '"' || char === '}' || char === ']')) return at;
  }
  return text.length;
}

function trimEnd(text: string, start: number, end: number): number {
  return start + text.slice(start, end).trimEnd().length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}
