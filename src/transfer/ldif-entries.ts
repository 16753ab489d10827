import { lines } from './text.ts';

/** One entry of an LDIF file, or one change. */
export interface LdifEntry {
  line: number;
  dn: string;
  /** By attribute name in lower case, without options such as `;lang-en`. */
  attributes: Map<string, string[]>;
  /** What is wrong with it, in one sentence; then it cannot be used. */
  problem?: string;
}

interface Physical {
  line: number;
  text: string;
}

/**
 * Reads the entries of an LDIF file (RFC 2849): folded lines, comments, base64 values, `changetype: add`. Other changes and
 * values that stand in other files are entries with a problem.
 */
export async function* ldifEntries(text: AsyncIterable<string>): AsyncGenerator<LdifEntry> {
  let block: Physical[] = [];
  for await (const { line, text: written } of lines(text)) {
    const last = block.at(-1);
    if (written.startsWith(' ') && last) last.text += written.slice(1);
    else if (written !== '') block.push({ line, text: written });
    else {
      const entry = entryOf(block);
      if (entry) yield entry;
      block = [];
    }
  }
  const entry = entryOf(block);
  if (entry) yield entry;
}

function entryOf(block: readonly Physical[]): LdifEntry | undefined {
  // Comments may be folded too, so they are left out only now.
  const written = block.filter(({ text }) => !text.startsWith('#'));
  const pairs = written[0] && /^version:/i.test(written[0].text) ? written.slice(1) : written;
  const [first] = pairs;
  if (!first) return undefined;
  const entry: LdifEntry = { line: first.line, dn: '', attributes: new Map() };
  for (const { line, text } of pairs) {
    const read = readPair(text);
    if (typeof read === 'string') return { ...entry, problem: `Line ${line}: ${read}` };
    const { name, value } = read;
    if (name === 'dn' && entry.dn === '') entry.dn = value;
    else if (name === 'changetype') {
      if (value.toLowerCase() !== 'add')
        return { ...entry, problem: `changetype: ${value.slice(0, 20)} is not imported; only entries and changetype: add are.` };
    } else if (name !== 'control') entry.attributes.set(name, [...(entry.attributes.get(name) ?? []), value]);
  }
  return entry.dn === '' && !/^dn::?\s*$/i.test(first.text) ? { ...entry, problem: 'Does not begin with dn:' } : entry;
}

function readPair(text: string): { name: string; value: string } | string {
  const [, described = '', mark = '', rest = ''] = /^([^:]+):([:<]?) *(.*)$/s.exec(text) ?? [];
  if (described === '') return 'has no attribute name before a colon.';
  const name = (described.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (mark === '<') return `the value of ${name} is in another file, which is not read.`;
  if (mark !== ':') return { name, value: rest };
  const bytes = Buffer.from(rest, 'base64');
  // Photos and certificates are bytes; they have no text, and no attribute that is imported.
  return { name, value: bytes.toString('utf8') };
}

/** A name that two spellings of a DN share: case and spaces around commas do not matter (RFC 4514). */
export function foldDn(dn: string): string {
  return dn
    .toLowerCase()
    .replaceAll(/\s*([,=+])\s*/g, '$1')
    .trim();
}

/** @returns the value of a DN's first part: `ada` of `uid=ada,ou=people,dc=example`. */
export function firstOfDn(dn: string): string | undefined {
  const [, value] = /^[^=]+=((?:\\.|[^,+\\])*)/.exec(dn) ?? [];
  return value
    ?.replaceAll(/((?:\\[\da-f]{2})+)/gi, (bytes) => Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString('utf8'))
    .replaceAll(/\\(.)/g, '$1')
    .trim();
}
