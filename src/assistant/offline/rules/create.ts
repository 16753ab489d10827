import { enterpriseUrn } from '../../record.ts';
import type { FieldSetting, Rule } from '../intent.ts';
import { fieldPattern, pathOf, unquote } from '../words.ts';

/** "Create Grace Hopper, grace@example.com, title Admiral in Navy". */
export const created: Rule = (text) => {
  const match =
    /^(?:create|add|new|invite|register)(?: an?| the)?(?: new)?(?: user| person| account| employee| colleague)?(?: named| called| for)? (.+)$/i.exec(
      text,
    );
  if (!match?.[1]) return undefined;
  const fields: FieldSetting[] = [];
  let name = '';
  const email = /[^\s<>"“”(),]+@[^\s<>"“”(),]+/.exec(match[1])?.[0] ?? '';
  const body = match[1]
    .replace(email, ',')
    .replaceAll(/[<>()]/g, '')
    .replace(/\b(?:with |and )?(?:an? |the )?email(?: address)?\s*,/i, ',')
    .replace(/ (?=as (?:an? |the )?[A-Z])/, ', ');
  for (const part of body.split(/,| and (?=title|with|in |as |email)| with /i).map((piece) => piece.trim())) {
    const [, inner] = /^(?:a |an |the )?(.*)$/i.exec(part) ?? [];
    if (part === '' || /^(?:with|and)$/i.test(part)) continue;
    const labelled = new RegExp(`^(?:the |a )?(${fieldPattern})(?: is| of|:)? (.+)$`, 'i').exec(part);
    const role = /^(?:as|works as|is) (?:an? |the )?(.+?)(?: (?:in|at) (?:the )?(.+?)(?: department| team)?)?$/i.exec(part);
    const department = /^(?:in|works in|at) (?:the )?(.+?)(?: department| team)?$/i.exec(part);
    if (labelled?.[1] && labelled[2] && pathOf(labelled[1]) !== 'name') {
      const [, word, rest] = labelled;
      const [value = '', place] = rest.split(/ in (?:the )?(?=[A-Z])/);
      fields.push({ path: pathOf(word), value: unquote(value) });
      if (place !== undefined) fields.push({ path: `${enterpriseUrn}:department`, value: unquote(place) });
    } else if (role?.[1]) {
      fields.push({ path: 'title', value: unquote(role[1]) });
      if (role[2]) fields.push({ path: `${enterpriseUrn}:department`, value: unquote(role[2]) });
    } else if (department?.[1]) fields.push({ path: `${enterpriseUrn}:department`, value: unquote(department[1]) });
    else if (name === '' && inner) name = unquote(inner);
    else return { kind: 'unclear', hint: `I did not understand “${part}”.` };
  }
  const [given, ...rest] = name.split(/\s+/);
  if (!given || /^(?:user|person|account|employee|colleague|somebody|someone)$/i.test(name))
    return { kind: 'unclear', hint: 'Tell me the name of the person to create.' };
  if (/^group$/i.test(name)) return { kind: 'unclear', hint: 'Tell me the name of the group to create.' };
  const family = rest.join(' ');
  const userName = email || name.toLowerCase().replaceAll(/\s+/g, '.');
  const base: FieldSetting[] = [
    { path: 'userName', value: userName },
    { path: 'name.givenName', value: given },
    ...(family === '' ? [] : [{ path: 'name.familyName', value: family }]),
    { path: 'displayName', value: name },
    ...(email === '' ? [] : [{ path: 'emails[type eq "work"].value', value: email }]),
  ];
  return { kind: 'create', name, fields: [...base, ...fields.filter(({ path }) => path !== 'manager')] };
};
