import type { Context, Intent, Rule } from '../intent.ts';
import { about, fieldPattern, managerPath, pathOf } from '../words.ts';

const field = `(?:(${fieldPattern}))`;
const changed = '(?:changed|set|edited|updated)';
const since = '(?: since (yesterday|today|this morning|last week|last month|\\d{4}-\\d{2}-\\d{2})| (today))?';

/** Understands what is asked about the past, and what is to be undone. */
export const history: Rule = (text, context) => {
  for (const [pattern, make] of forms) {
    const match = pattern.exec(text);
    if (match) return make(match, context);
  }
  return undefined;
};

type Form = [RegExp, (match: RegExpExecArray, context: Context) => Intent];

function asPath(word: string): string {
  return pathOf(word) === 'manager' ? managerPath : pathOf(word);
}

const past = (who: string | undefined, context: Context, more: { field?: string; since?: string; only?: 'last' } = {}): Intent =>
  about(who, context, (found) => ({ kind: 'history', who: found, ...more }));

const back = (who: string | undefined, context: Context, of: 'anyone' | 'agent' | 'person', word?: string): Intent =>
  about(who, context, (found) => ({ kind: 'undo', who: found, of, ...(word !== undefined && { field: asPath(word) }) }));

function whose(word: string | undefined): 'anyone' | 'agent' | 'person' {
  return word === undefined || /^the$/i.test(word) ? 'anyone' : /^your$/i.test(word) ? 'agent' : 'person';
}

const forms: readonly Form[] = [
  [
    new RegExp(`^(?:who (?:has )?(?:last )?${changed}|when was) (?:the )?${field} of (.+?)(?: last)?(?: ${changed})?$`, 'i'),
    ([, word = '', who], context) => past(who, context, { field: asPath(word), only: 'last' }),
  ],
  [
    new RegExp(`^(?:who (?:has )?(?:last )?${changed}|when was) (.+?)(?:'s|s') ${field}(?: last)?(?: ${changed})?$`, 'i'),
    ([, who, word = ''], context) => past(who, context, { field: asPath(word), only: 'last' }),
  ],
  [
    new RegExp(`^(?:who (?:has )?(?:last )?${changed}|when was) (?:his|her|their) ${field}(?: last)?(?: ${changed})?$`, 'i'),
    ([, word = ''], context) => past('her', context, { field: asPath(word), only: 'last' }),
  ],
  [
    /^(?:who|when) (?:has |was )?(?:last )?(?:changed|edited|updated) (.+?)(?: last)?$/i,
    ([, who], context) => past(who, context, { only: 'last' }),
  ],
  [
    new RegExp(`^what (?:has )?(?:changed|happened)(?: about| for| to| on| with| at)? (.+?)${since}$`, 'i'),
    ([, who, first, second], context) => {
      const from = first ?? second;
      return past(who, context, from === undefined ? {} : { since: from.toLowerCase() });
    },
  ],
  [/^(?:show |show me |get )?(?:the )?(?:history|changes) (?:of|for) (.+)$/i, ([, who], context) => past(who, context)],
  [/^(?:show |show me |get )(.+?)'s (?:history|changes)$/i, ([, who], context) => past(who, context)],
  [
    new RegExp(
      `^(?:undo|revert|take back|roll back) (?:(the|your|my) )?(?:last |latest )?(?:change|edit)(?: of| to)? (?:the )?${field} of (.+)$`,
      'i',
    ),
    ([, of, word, who], context) => back(who, context, whose(of), word),
  ],
  [
    new RegExp(
      `^(?:undo|revert|take back|roll back) (?:(the|your|my) )?(?:last |latest )?(?:change|edit) (?:of|to|on|for|in) (.+?)(?:'s|s') ${field}$`,
      'i',
    ),
    ([, of, who, word], context) => back(who, context, whose(of), word),
  ],
  [
    /^(?:undo|revert|take back|roll back) (?:(the|your|my) )?(?:last |latest )?(?:change|edit)s? (?:of|to|on|for|in) (.+)$/i,
    ([, of, who], context) => back(who, context, whose(of)),
  ],
  [
    /^(?:undo|revert|take back) (?:that|it|(your|my) last change|the last change)$/i,
    ([, of], context) => back('this', context, whose(of)),
  ],
  [
    new RegExp(
      `^(?:set|put|change|revert|restore) (?:back )?(.+?)(?:'s|s') ${field} (?:back )?(?:to (?:what it was(?: before)?|the (?:old|previous) (?:one|value)))$`,
      'i',
    ),
    ([, who, word], context) => back(who, context, 'anyone', word),
  ],
  [
    /^(?:bring back|restore|undelete) (.+)$/i,
    ([, who], context) => about(who, context, (found) => ({ kind: 'restore', who: found })),
  ],
];
