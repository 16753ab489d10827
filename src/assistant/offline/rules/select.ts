import { enterpriseUrn } from '../../record.ts';
import type { Context, People, Term } from '../intent.ts';
import { fieldPattern, pathOf, unquote, whoOf } from '../words.ts';

const everybody = /^(?:people|users|persons|everyone|everybody|anyone|anybody|employees|colleagues|staff|those|all|accounts)$/i;
const roles = /(?:er|or|ist|ive|ant|yst|ead|ern|ect)s$/i;
const qualifier = /^(?:in|from|at|of|with|without|having|who|whose|that|which|reporting|managed)$/i;
const verb = /^(?:has|have|is|are|works?|reports?|do|does)$/i;

/**
 * Understands descriptions of several people: "everyone in Sales without a manager", "engineers in Toronto".
 * @returns undefined for anything else, a name for example.
 */
export function peopleOf(words: string, context: Context): People | undefined {
  const members = /^(?:all |the |every )*members of (.+)$/i.exec(words.trim())?.[1];
  const pieces = members === undefined ? split(unquote(words.trim())) : ['people', `members of ${members}`];
  const [first = '', ...rest] = pieces;
  const nouns = nounOf(first, rest.length > 0);
  if (!nouns) return undefined;
  const terms = [...nouns.terms];
  const as = [...nouns.as];
  for (const piece of rest) {
    const found = termOf(piece, context);
    if (!found) return undefined;
    terms.push(found.term);
    as.push(found.as);
  }
  return { terms, as: as.length === 0 ? 'here' : as.join(' and ') };
}

/** Before each word that begins another condition, quotations left whole. */
function split(text: string): string[] {
  const pieces: string[] = [];
  let quoted = false;
  let piece = '';
  for (const word of text.split(' ')) {
    const goesOn = /(?:^| )(?:who|that|which)(?: are| is| works?)?$/i.test(piece);
    const isMore = qualifier.test(word) || (/ and$/i.test(piece) && verb.test(word));
    const isOfTitle = /^of$/i.test(word) && pieces.length > 0;
    if (!quoted && piece !== '' && isMore && !goesOn && !isOfTitle) {
      pieces.push(piece);
      piece = word;
    } else piece = piece === '' ? word : `${piece} ${word}`;
    if ((word.match(/["“”]/g)?.length ?? 0) % 2 === 1) quoted = !quoted;
  }
  return [...pieces, piece].map((one) => one.replace(/,? and$/i, '').trim()).filter((one) => one !== '');
}

function nounOf(words: string, isQualified: boolean): { terms: Term[]; as: string[] } | undefined {
  const bare = words.replace(/^(?:(?:all|every|the|each|of)(?: |$))+/i, (all) => (all.trim() === words ? words : ''));
  const terms: Term[] = [];
  const as: string[] = [];
  const state = /^(active|inactive|deactivated|disabled|enabled) (.+)$/i.exec(bare);
  const noun = state?.[2] ?? bare;
  if (state?.[1]) {
    const active = /^(?:active|enabled)$/i.test(state[1]);
    terms.push({ kind: 'filter', filter: `active eq ${active}` });
    as.push(active ? 'active' : 'inactive');
  }
  if (everybody.test(noun) || (isQualified && /^person|user$/i.test(noun))) return { terms, as };
  if (/^(?:contractors|interns)$/i.test(noun)) {
    const type = `${noun.slice(0, 1).toUpperCase()}${noun.slice(1, -1).toLowerCase()}`;
    terms.push({ kind: 'filter', filter: `userType eq ${JSON.stringify(type)}` });
    return { terms, as: [...as, `${type.toLowerCase()}s`] };
  }
  const isRole = roles.test(noun) && (/^[a-z]/.test(noun) || isQualified || state !== null);
  if (!isRole || / and |,|'s /.test(noun)) return undefined;
  terms.push({ kind: 'filter', filter: `title co ${JSON.stringify(noun.slice(0, -1))}` });
  return { terms, as: [...as, noun] };
}

function termOf(words: string, context: Context): { term: Term; as: string } | undefined {
  for (const [pattern, make] of forms) {
    const match = pattern.exec(words);
    const made = match && make(match, context);
    if (made) return made;
  }
  return undefined;
}

type Form = [RegExp, (match: RegExpExecArray, context: Context) => { term: Term; as: string } | undefined];

const who = '(?:(?:who|that|which) )?(?:(?:are|is|work|works|do|does|have|has) )?';

const forms: readonly Form[] = [
  [
    new RegExp(`^${who}(active|inactive|deactivated|disabled)$`, 'i'),
    ([, state = '']) => {
      const active = /^active$/i.test(state);
      return { term: { kind: 'filter', filter: `active eq ${active}` }, as: active ? 'active' : 'inactive' };
    },
  ],
  [
    new RegExp(`^(?:${who}(?:report|reports|reporting) (?:directly )?to|whose (?:manager|boss) is|${who}managed by) (.+)$`, 'i'),
    ([, name], context) => {
      const to = whoOf(name, context);
      return to && { term: { kind: 'reports', to }, as: `reporting to ${'name' in to ? to.name : 'this person'}` };
    },
  ],
  [
    /^(?:(?:who|that) (?:are|is) )?(?:(?:in|of) )?(?:members of )?(?:the )?group (?:called )?(.+)$/i,
    ([, name = '']) => inGroup(name),
  ],
  [/^(?:(?:who|that) (?:are|is) )?(?:in|of|from) (?:the )?(.+?) group$/i, ([, name = '']) => inGroup(name)],
  [/^(?:(?:who|that) (?:are|is) )?(?:members? of) (?:the )?(.+?)(?: group)?$/i, ([, name = '']) => inGroup(name)],
  [
    new RegExp(`^(?:without|${who}(?:with )?(?:no|not have)) (?:an? |any |the )?(${fieldPattern})$`, 'i'),
    ([, word = '']) => ({
      term: { kind: 'filter', filter: `not (${attributeOf(pathOf(word))} pr)` },
      as: `without ${word.toLowerCase()}`,
    }),
  ],
  [
    new RegExp(`^(?:with|having|who have|whose|that have) (?:the |an? )?(${fieldPattern})(?: of| is|:)? (.+)$`, 'i'),
    ([, word = '', value = '']) => {
      const path = pathOf(word);
      if (path === 'manager' || path === 'active') return undefined;
      return {
        term: { kind: 'filter', filter: equals(path, unquote(value)) },
        as: `with the ${word.toLowerCase()} ${unquote(value)}`,
      };
    },
  ],
  [
    new RegExp(`^${who}(?:from|in|of|at) (?:the )?(.+?) (department|team|division|office|city)$`, 'i'),
    ([, name = '', what = '']) => {
      const path = /^(?:office|city)$/i.test(what) ? 'addresses.locality' : pathOf(what);
      return { term: { kind: 'filter', filter: equals(path, unquote(name)) }, as: `in ${unquote(name)}` };
    },
  ],
  [
    new RegExp(`^${who}(?:from|in|of|at) (?:the )?(.+)$`, 'i'),
    ([, name = '']) => ({ term: { kind: 'place', place: unquote(name) }, as: `in ${unquote(name)}` }),
  ],
];

function inGroup(name: string): { term: Term; as: string } {
  return { term: { kind: 'member', of: unquote(name) }, as: `in the group ${unquote(name)}` };
}

/** A comparison in a SCIM filter (RFC 7644 §3.4.2.2). */
export function equals(path: string, value: string): string {
  const element = /^(\w+)\[(.+)\]\.(\w+)$/.exec(path);
  const literal = JSON.stringify(value);
  return element ? `${element[1]}[${element[2]} and ${element[3]} eq ${literal}]` : `${path} eq ${literal}`;
}

function attributeOf(path: string): string {
  if (path === 'manager') return `${enterpriseUrn}:manager`;
  const element = /^(\w+)\[(.+)\]\.(\w+)$/.exec(path);
  // "work" is only the usual element: without a phone means without any.
  return element ? (element[2] === 'type eq "work"' ? (element[1] ?? path) : `${element[1]}[${element[2]}]`) : path;
}
