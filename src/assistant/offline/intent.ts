import { enterpriseUrn } from '../record.ts';

/** A field to set, by SCIM path. A `manager` is named as a person and looked up first. */
export interface FieldSetting {
  path: string;
  value: string | boolean | undefined;
}

/** Whom a sentence is about: an id, or a name, user name or email address to look up. */
export type Who = { id: string } | { name: string };

/** What a person asked for. */
export type Intent =
  | { kind: 'help' }
  | { kind: 'unclear'; hint?: string }
  | { kind: 'count' }
  | { kind: 'list' }
  | { kind: 'search'; attribute: string; value: string; as: string }
  | { kind: 'show'; who: Who }
  | { kind: 'create'; fields: FieldSetting[]; name: string }
  | { kind: 'update'; who: Who; set: FieldSetting[]; manager?: string; rename?: string; version?: string }
  | { kind: 'delete'; who: Who; version?: string };

/** The user that is open in the window. */
export interface Focus {
  id: string;
  name: string;
}

const fieldWords: Record<string, string> = {
  'job title': 'title',
  title: 'title',
  role: 'title',
  department: `${enterpriseUrn}:department`,
  team: `${enterpriseUrn}:department`,
  division: `${enterpriseUrn}:division`,
  'cost center': `${enterpriseUrn}:costCenter`,
  organization: `${enterpriseUrn}:organization`,
  organisation: `${enterpriseUrn}:organization`,
  'employee number': `${enterpriseUrn}:employeeNumber`,
  manager: 'manager',
  'work phone': 'phoneNumbers[type eq "work"].value',
  'mobile phone': 'phoneNumbers[type eq "mobile"].value',
  'phone number': 'phoneNumbers[type eq "work"].value',
  mobile: 'phoneNumbers[type eq "mobile"].value',
  phone: 'phoneNumbers[type eq "work"].value',
  'work email': 'emails[type eq "work"].value',
  'home email': 'emails[type eq "home"].value',
  'email address': 'emails[type eq "work"].value',
  email: 'emails[type eq "work"].value',
  nickname: 'nickName',
  'display name': 'displayName',
  'user name': 'userName',
  username: 'userName',
  login: 'userName',
  'given name': 'name.givenName',
  'first name': 'name.givenName',
  'family name': 'name.familyName',
  'last name': 'name.familyName',
  surname: 'name.familyName',
  city: 'addresses[type eq "work"].locality',
  country: 'addresses[type eq "work"].country',
  language: 'preferredLanguage',
  locale: 'locale',
  timezone: 'timezone',
  'time zone': 'timezone',
  type: 'userType',
  name: 'name',
};
const field = Object.keys(fieldWords)
  .toSorted((a, b) => b.length - a.length)
  .join('|');

const pronoun =
  /^(?:this|that|this (?:user|person|one)|the (?:open |selected |current )?(?:user|person)|him|her|them|it|his|their|its|she|he|they)$/i;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/**
 * Understands an everyday request in English. Pure.
 * @param focus whom "her", "this user" and the like mean.
 */
export function understand(text: string, focus?: Focus): Intent {
  const sentence = tidy(text);
  for (const rule of rules) {
    const intent = rule(sentence, focus);
    if (intent) return intent;
  }
  return { kind: 'unclear' };
}

type Rule = (sentence: string, focus: Focus | undefined) => Intent | undefined;

const rules: readonly Rule[] = [
  (text) => (/^(?:help|what can you do|hi|hello|hey)\b/i.test(text) || text === '' ? { kind: 'help' } : undefined),
  decided,
  counted,
  created,
  managed,
  renamed,
  switched,
  (text, focus) => {
    const match = /^(?:delete|remove|erase) (?:the )?(?:user |person |account )?(?:of )?(.+)$/i.exec(text);
    return match ? about(match[1], focus, (who) => ({ kind: 'delete', who })) : undefined;
  },
  fieldSet,
  found,
];

/** Answers to the questions that the agent asks, and what the conflict banner asks of it; each names the version that the person was shown. */
function decided(text: string, focus: Focus | undefined): Intent | undefined {
  const version = /at version (\S+)$/.exec(text)?.[1];
  const isRedo = /^do your change again on my version: /i.test(text);
  const id = isRedo ? focus?.id : uuid.exec(text)?.[0];
  if (id === undefined) return undefined;
  if (/^keep theirs for /i.test(text)) return { kind: 'show', who: { id } };
  if (version === undefined) return undefined;
  if (/^yes, delete /i.test(text)) return { kind: 'delete', who: { id }, version };
  if (!isRedo && !/^use mine for /i.test(text)) return undefined;
  const set = [...text.matchAll(/(\S+(?:\[\w+ eq "[^"]*"\])?\S*) = (nothing|true|false|“[^”]*”)/g)].map(
    ([, path = '', value = '']): FieldSetting => ({
      path,
      value: value === 'nothing' ? undefined : value === 'true' ? true : value === 'false' ? false : value.slice(1, -1),
    }),
  );
  return { kind: 'update', who: { id }, set, version };
}

function counted(text: string): Intent | undefined {
  const match =
    /^(?:how many|count)(?: the)?(?: people| users| persons)?(?:(?: are| work)?(?: there)?(?: do we have)?(?: in (?:the )?(.+?))?)?(?: (?:department|team))?$/i.exec(
      text,
    );
  if (!match) return undefined;
  const [, department] = match;
  return department === undefined || /directory|company|tenant/i.test(department)
    ? { kind: 'count' }
    : { kind: 'search', attribute: 'department', value: unquote(department), as: `in ${unquote(department)}` };
}

function created(text: string): Intent | undefined {
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
    const labelled = new RegExp(`^(?:the |a )?(${field})(?: is| of|:)? (.+)$`, 'i').exec(part);
    const role = /^(?:as|works as|is) (?:an? |the )?(.+?)(?: (?:in|at) (?:the )?(.+?)(?: department| team)?)?$/i.exec(part);
    const department = /^(?:in|works in|at) (?:the )?(.+?)(?: department| team)?$/i.exec(part);
    if (labelled?.[1] && labelled[2] && fieldWords[labelled[1].toLowerCase()] !== 'name') {
      const [, word, rest] = labelled;
      const [value = '', place] = rest.split(/ in (?:the )?(?=[A-Z])/);
      fields.push({ path: fieldWords[word.toLowerCase()] ?? word, value: unquote(value) });
      if (place !== undefined) fields.push({ path: `${enterpriseUrn}:department`, value: unquote(place) });
    } else if (role?.[1]) {
      fields.push({ path: 'title', value: unquote(role[1]) });
      if (role[2]) fields.push({ path: `${enterpriseUrn}:department`, value: unquote(role[2]) });
    } else if (department?.[1]) fields.push({ path: `${enterpriseUrn}:department`, value: unquote(department[1]) });
    else if (name === '' && inner) name = unquote(inner);
    else return { kind: 'unclear', hint: `I did not understand “${part}”.` };
  }
  const [given, ...rest] = name.split(/\s+/);
  if (!given) return { kind: 'unclear', hint: 'Tell me the name of the person to create.' };
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
}

function managed(text: string, focus: Focus | undefined): Intent | undefined {
  const first = /^make (.+?) (?:the )?(?:manager|boss) of (.+)$/i.exec(text);
  const second = /^(.+?) (?:now )?reports to (.+?)(?: now)?$/i.exec(text);
  const [manager, report] = first ? [first[1], first[2]] : [second?.[2], second?.[1]];
  if (manager === undefined || report === undefined) return undefined;
  return about(report, focus, (who) => ({ kind: 'update', who, set: [], manager: unquote(manager) }));
}

function renamed(text: string, focus: Focus | undefined): Intent | undefined {
  const match =
    /^rename (.+?) (?:to|as|into) (.+)$/i.exec(text) ??
    /^(?:change|set|update) (.+?)(?:'s)? (?:full )?name to (.+)$/i.exec(text) ??
    /^(?:change|set|update) (?:the )?(?:full )?name of (.+?) to (.+)$/i.exec(text);
  const [, who, name] = match ?? [];
  if (who === undefined || name === undefined || /(?:first|last|given|family|display|user|nick)$/i.test(who)) return undefined;
  return about(who, focus, (found) => ({ kind: 'update', who: found, set: nameFields(unquote(name)), rename: unquote(name) }));
}

function nameFields(name: string): FieldSetting[] {
  const [given = '', ...rest] = name.split(/\s+/);
  return [
    { path: 'displayName', value: name },
    { path: 'name.formatted', value: name },
    { path: 'name.givenName', value: given },
    ...(rest.length > 0 ? [{ path: 'name.familyName', value: rest.join(' ') }] : []),
  ];
}

function switched(text: string, focus: Focus | undefined): Intent | undefined {
  const match =
    /^(deactivate|disable|suspend|block|activate|reactivate|enable|unblock) (?:the )?(?:user |person |account )?(?:of )?(.+)$/i.exec(
      text,
    );
  if (!match?.[1]) return undefined;
  const active = /^(?:re)?activate|^enable|^unblock/i.test(match[1]);
  return about(match[2], focus, (who) => ({ kind: 'update', who, set: [{ path: 'active', value: active }] }));
}

function fieldSet(text: string, focus: Focus | undefined): Intent | undefined {
  const forms: [RegExp, who: number | undefined, fieldAt: number, valueAt: number][] = [
    [
      new RegExp(`^(?:set|change|update|make|correct) (?:his|her|their|its|the) (${field}) (?:to|as|into|=|be) (.+)$`, 'i'),
      undefined,
      1,
      2,
    ],
    [new RegExp(`^(?:his|her|their|its) (?:new )?(${field}) is (?:now )?(.+)$`, 'i'), undefined, 1, 2],
    [new RegExp(`^(?:set|change|update|correct) (?:the )?(${field}) (?:of|for) (.+?) (?:to|as|into|=) (.+)$`, 'i'), 2, 1, 3],
    [new RegExp(`^(?:set|change|update|make|correct) (.+?)(?:'s|s') (${field}) (?:to|as|into|=|be) (.+)$`, 'i'), 1, 2, 3],
    [new RegExp(`^(.+?)(?:'s|s') (?:new )?(${field}) is (?:now )?(.+)$`, 'i'), 1, 2, 3],
    [new RegExp(`^give (.+?) (?:the|a|an) (?:new )?(${field}) (?:of )?(.+)$`, 'i'), 1, 2, 3],
  ];
  for (const [form, whoAt, fieldAt, valueAt] of forms) {
    const match = form.exec(text);
    if (match) return settings(whoAt === undefined ? 'this' : match[whoAt], match[fieldAt], match[valueAt], focus);
  }
  const removed = new RegExp(`^(?:clear|remove|delete|unset) (.+?)(?:'s|s') (${field})$`, 'i').exec(text);
  if (removed) return settings(removed[1], removed[2], undefined, focus);
  const moved = /^(?:move|transfer) (.+?) (?:in)?to (?:the )?(.+?)(?: department| team)?$/i.exec(text);
  if (moved) return settings(moved[1], 'department', moved[2], focus);
  const promoted = /^promote (.+?) to (?:the )?(?:title of )?(.+)$/i.exec(text);
  return promoted ? settings(promoted[1], 'title', promoted[2], focus) : undefined;
}

/** One or more "field to value" joined by "and". */
function settings(
  whom: string | undefined,
  first: string | undefined,
  rest: string | undefined,
  focus: Focus | undefined,
): Intent {
  const set: FieldSetting[] = [];
  let manager: string | undefined;
  let [word, value] = [first ?? '', rest];
  for (;;) {
    const more =
      value === undefined
        ? null
        : new RegExp(`^(.+?)(?:,| and| & )(?: also)?(?: his| her| their| the)? (${field}) to (.+)$`, 'i').exec(value);
    const text = more ? more[1] : value;
    const path = fieldWords[word.toLowerCase()] ?? word;
    if (path === 'manager') manager = unquote(text ?? '');
    else if (path === 'name') set.push(...nameFields(unquote(text ?? '')));
    else set.push({ path, value: text === undefined ? undefined : unquote(text) });
    if (!more) break;
    [word, value] = [more[2] ?? '', more[3]];
  }
  return about(whom, focus, (who) => ({ kind: 'update', who, set, ...(manager === undefined ? {} : { manager }) }));
}

function found(text: string, focus: Focus | undefined): Intent | undefined {
  const match =
    /^(?:find|search(?: for)?|list|show(?: me)?|get|look up|open|read|display|who(?:'s| is| are| works?))(?: (.+))?$/i.exec(text);
  if (!match) return undefined;
  const [, what = ''] = match;
  const people = '(?:all |the |every )*(?:people|users|persons|everyone|everybody|anyone|employees|colleagues|person|user|those)';
  const group = (pattern: string) =>
    new RegExp(`^(?:${people}\\s*)?(?:who (?:are|is|work) |that (?:are|is) )?${pattern}$`, 'i').exec(what);
  const department = group('(?:from|in|of|at) (?:the )?(.+?)(?: department| team)?');
  if (department?.[1])
    return { kind: 'search', attribute: 'department', value: unquote(department[1]), as: `in ${unquote(department[1])}` };
  const titled = group('with (?:the )?(?:job )?title (?:of )?(.+)');
  if (titled?.[1])
    return { kind: 'search', attribute: 'title', value: unquote(titled[1]), as: `with the title ${unquote(titled[1])}` };
  if (group('(?:inactive|deactivated|disabled)') ?? /^(?:all |the )?(?:inactive|deactivated|disabled) /i.exec(what))
    return { kind: 'search', attribute: 'active', value: 'false', as: 'inactive' };
  const named = group('(?:named|called) (.+)');
  if (named?.[1]) return { kind: 'show', who: { name: unquote(named[1]) } };
  if (what === '' || new RegExp(`^${people}$`, 'i').test(what)) return { kind: 'list' };
  return about(
    what
      .replace(/^(?:the )?(?:user|person|record|details)(?: of| for)? /i, '')
      .replace(/'s (?:record|details|data|profile)$/i, ''),
    focus,
    (who) => ({
      kind: 'show',
      who,
    }),
  );
}

function about(whom: string | undefined, focus: Focus | undefined, make: (who: Who) => Intent): Intent {
  const text = unquote(whom ?? '');
  const id = uuid.exec(text)?.[0];
  if (id !== undefined) return make({ id });
  if (!pronoun.test(text)) return text === '' ? { kind: 'unclear' } : make({ name: text });
  return focus
    ? make({ id: focus.id })
    : { kind: 'unclear', hint: 'Nobody is open in the window. Say whom you mean, or open somebody.' };
}

function tidy(text: string): string {
  return text
    .trim()
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/\s+/g, ' ')
    .replace(/^(?:please|can you|could you|would you|i want to|i'd like to|let's|now|ok(?:ay)?,?)(?: please)? /i, '')
    .replace(/(?:,? please)?[.!?]*$/i, '');
}

function unquote(text: string): string {
  return text
    .trim()
    .replace(/^["“'](.*)["”']$/, '$1')
    .trim();
}
