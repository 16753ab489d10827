import { DirectoryError } from './errors.ts';

/** A piece of a filter's text. A word is everything that stands without quotes: attribute paths, operators, numbers. */
export interface Token {
  kind: 'word' | 'text' | '(' | ')' | '[' | ']' | 'end';
  /** As it stands in the filter. */
  source: string;
  /** The content of a text, without its quotes and escapes. */
  text: string;
  /** Its place in the filter, from 0. */
  at: number;
}

/** UTF-16 units of one filter. */
const lengthMax = 8192;

const piece = /([()[\]])|("(?:[^"\\]|\\.)*")|([^\s()[\]"]+)/sy;
const space = /\s*/y;

/**
 * Says that a filter is wrong.
 * @param at where in the filter, from 0; the caller reads it from 1.
 * @param path the attribute at fault, if it is known.
 */
export function invalidFilter(message: string, at?: number, path = ''): DirectoryError {
  const where = at === undefined ? '' : `At character ${at + 1} of the filter: `;
  return new DirectoryError('INVALID_FILTER', `${where}${message}`, { issues: [{ path, message }] });
}

/** @returns a part of the filter as a message quotes it: short, so that the message stays readable. */
export function excerpt(source: string): string {
  return source.length > 60 ? `${source.slice(0, 60)}…` : source;
}

/**
 * Cuts a filter (RFC 7644 §3.4.2.2) into its pieces, an `end` last.
 * @throws DirectoryError INVALID_FILTER for a text that is too long or empty, and for quotes and escapes that are not JSON's.
 */
export function tokenize(filter: string): Token[] {
  if (filter.length > lengthMax)
    throw invalidFilter(
      `The filter has ${filter.length} characters; at most ${lengthMax} are read. Split it into several searches.`,
    );
  const tokens: Token[] = [];
  for (let at = skipSpace(filter, 0); at < filter.length; at = skipSpace(filter, piece.lastIndex)) {
    piece.lastIndex = at;
    const [source, bracket, quoted] = piece.exec(filter) ?? [];
    // Every other character begins a piece: only a quote can fail to.
    if (source === undefined)
      throw invalidFilter('This text has no closing quote. End it with "; a quote inside it is written \\".', at);
    const kind = (bracket as Token['kind'] | undefined) ?? (quoted === undefined ? 'word' : 'text');
    tokens.push({ kind, source, text: quoted === undefined ? '' : unquote(quoted, at), at });
  }
  if (tokens.length === 0)
    throw invalidFilter('The filter is empty. Write for example userName eq "bjensen", or leave the filter out.');
  tokens.push({ kind: 'end', source: '', text: '', at: filter.length });
  return tokens;
}

function skipSpace(filter: string, from: number): number {
  space.lastIndex = from;
  space.exec(filter);
  return space.lastIndex;
}

function unquote(quoted: string, at: number): string {
  let text = '';
  try {
    text = JSON.parse(quoted) as string;
  } catch {
    const help = 'write \\" for a quote, \\\\ for a backslash, \\n for a new line, \\u00e9 for any character by its code';
    throw invalidFilter(`The text ${excerpt(quoted)} is not a JSON string: ${help}.`, at);
  }
  // Neither can be stored, and the database would read them differently than we do.
  if (text.includes('\0') || !text.isWellFormed())
    throw invalidFilter(`The text ${excerpt(quoted)} has half of a character or a null character. Leave it out.`, at);
  return text;
}
