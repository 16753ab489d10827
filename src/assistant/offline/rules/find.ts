import type { Rule } from '../intent.ts';
import { about, fieldPattern, pathOf, unquote } from '../words.ts';
import { peopleOf } from './select.ts';

export const counted: Rule = (text, context) => {
  const match = /^(?:how many|count)(?: of)? (?:the )?(.+)$/i.exec(text);
  if (!match?.[1]) return undefined;
  const what = match[1]
    .replace(/ (?:are|is)(?: there)?(?= |$)/i, '')
    .replace(/ (?:do we have|have we got|exist)(?= |$)/i, '')
    .replace(/ (?:in|of) (?:the |our |this )?(?:directory|company|tenant)$/i, '')
    .trim();
  const people = peopleOf(what, context) ?? peopleOf(`people ${what}`, context);
  return people && { kind: 'find', people, answer: 'count' };
};

/** "What is Ada's title?" */
export const asked: Rule = (text, context) => {
  const match =
    new RegExp(`^(?:what(?:'s| is| are)|who(?:'s| is)|tell me|show(?: me)?) (.+?)(?:'s|s') (${fieldPattern})$`, 'i').exec(text) ??
    new RegExp(`^(?:what(?:'s| is| are)|who(?:'s| is)|tell me|show(?: me)?) (his|her|their) (${fieldPattern})$`, 'i').exec(text);
  const swapped = new RegExp(`^(?:what(?:'s| is)|who(?:'s| is)) the (${fieldPattern}) of (.+)$`, 'i').exec(text);
  const whom = /^(?:who|whom) does (.+?) report to$/i.exec(text)?.[1];
  const [who, word] = whom === undefined ? (swapped ? [swapped[2], swapped[1]] : [match?.[1], match?.[2]]) : [whom, 'manager'];
  return who === undefined || word === undefined
    ? undefined
    : about(who, context, (found) => ({ kind: 'value', who: found, path: pathOf(word) }));
};

export const found: Rule = (text, context) => {
  const match =
    /^(?:find|search(?: for)?|list|show(?: me)?|get|look up|open|read|display|who(?:'s| is| are)?|which)(?: (.+))?$/i.exec(text);
  if (!match) return undefined;
  const [all] = match;
  const what = (match[1] ?? '').replace(/^(people|users|persons) (?=(?:have|has|are|work|report) )/i, '$1 who ');
  const isWho = /^who/i.test(all);
  if (what === '' && !isWho) return { kind: 'find', people: { terms: [], as: 'here' }, answer: 'list' };
  const people = peopleOf(what, context) ?? (isWho ? peopleOf(`people who ${what}`, context) : undefined);
  if (people && 'terms' in people) return { kind: 'find', people, answer: 'list' };
  const person = /^(?:people|users|persons|everyone|everybody|anyone|person|user)?\s*(?:named|called) (.+)$/i.exec(what)?.[1];
  const name = (person ?? what)
    .replace(/^(?:the )?(?:user|person|record|details)(?: of| for)? /i, '')
    .replace(/'s (?:record|details|data|profile)$/i, '');
  return about(unquote(name), context, (who) => ({ kind: 'show', who }));
};
