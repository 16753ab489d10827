import type { FieldSetting, Intent, Rule } from '../intent.ts';
import { aimedAt } from '../aim.ts';
import { about, fieldPattern, managerPath, pathOf, unquote } from '../words.ts';

const field = `(${fieldPattern})`;

/** "Make Ada the manager of Bo", "Bo reports to Ada". */
export const managed: Rule = (text, context) => {
  const first = /^make (.+?) (?:the )?(?:manager|boss) of (.+)$/i.exec(text);
  const second =
    /^(?!who\b|whom\b|list\b|show\b|find\b)(.+?) (?:now reports|reports|should report|shall report) to (.+?)(?: now)?$/i.exec(
      text,
    );
  const third = /^(?:let|have) (.+?) report to (.+)$/i.exec(text);
  const [report, manager] = first ? [first[2], first[1]] : [(second ?? third)?.[1], (second ?? third)?.[2]];
  if (manager === undefined || report === undefined) return undefined;
  if (/^(?:list|show|find|count|how many|which|what|add|move|delete|deactivate|set|give) /i.test(report)) return undefined;
  return aimedAt(report, context, { kind: 'set', set: [], manager: unquote(manager) });
};

export const renamed: Rule = (text, context) => {
  const match =
    /^rename (.+?) (?:to|as|into) (.+)$/i.exec(text) ??
    /^(?:change|set|update) (.+?)(?:'s)? (?:full )?name to (.+)$/i.exec(text) ??
    /^(?:change|set|update) (?:the )?(?:full )?name of (.+?) to (.+)$/i.exec(text);
  const [, who, name] = match ?? [];
  if (who === undefined || name === undefined || /(?:first|last|given|family|display|user|nick)$/i.test(who)) return undefined;
  return about(who, context, (found) => ({ kind: 'update', who: found, set: nameFields(unquote(name)), rename: unquote(name) }));
};

function nameFields(name: string): FieldSetting[] {
  const [given = '', ...rest] = name.split(/\s+/);
  return [
    { path: 'displayName', value: name },
    { path: 'name.formatted', value: name },
    { path: 'name.givenName', value: given },
    ...(rest.length > 0 ? [{ path: 'name.familyName', value: rest.join(' ') }] : []),
  ];
}

export const switched: Rule = (text, context) => {
  const match =
    /^(deactivate|disable|suspend|block|activate|reactivate|enable|unblock) (?:the )?(?:user |person |account )?(?:of )?(.+)$/i.exec(
      text,
    );
  if (!match?.[1]) return undefined;
  const active = /^(?:re)?activate|^enable|^unblock/i.test(match[1]);
  return aimedAt(match[2], context, { kind: 'set', set: [{ path: 'active', value: active }] });
};

export const deleted: Rule = (text, context) => {
  const match = /^(?:delete|remove|erase) (?:the )?(?:user |person |account )?(?:of )?(.+)$/i.exec(text);
  return match ? aimedAt(match[1], context, { kind: 'delete' }) : undefined;
};

/** Who and which field stand where in a sentence. Who is missing: the one who is meant by "her" and the like. */
const forms: readonly [RegExp, who: number | undefined, fieldAt: number, valueAt: number][] = [
  [
    new RegExp(`^(?:set|change|update|make|correct) (?:his|her|their|its|the) ${field} (?:to|as|into|=|be) (.+)$`, 'i'),
    undefined,
    1,
    2,
  ],
  [new RegExp(`^(?:his|her|their|its) (?:new )?${field} is (?:now )?(.+)$`, 'i'), undefined, 1, 2],
  [
    new RegExp(
      `^(?:set|change|update|correct) (?:the )?${field} (?:of|for) ((?:.+? reports? to )?.+?) (?:to|as|into|=) (.+)$`,
      'i',
    ),
    2,
    1,
    3,
  ],
  [new RegExp(`^(?:set|change|update|make|correct) (.+?)(?:'s|s') ${field} (?:to|as|into|=|be) (.+)$`, 'i'), 1, 2, 3],
  [new RegExp(`^(?:give|assign) (.+?) (?:the|an?) (?:new )?${field} (?:of )?(.+)$`, 'i'), 1, 2, 3],
  [new RegExp(`^(?:add|set) (?:the |an? )?(?:new )?${field}:? (\\S.*?) (?:to|for|of) (.+)$`, 'i'), 3, 1, 2],
  [new RegExp(`^(?!what |who |which |show |find |list )(.+?)(?:'s|s') (?:new )?${field} is (?:now )?(.+)$`, 'i'), 1, 2, 3],
];
const removals: readonly [RegExp, who: number, fieldAt: number][] = [
  [new RegExp(`^(?:clear|remove|delete|unset) (.+?)(?:'s|s') ${field}$`, 'i'), 1, 2],
  [new RegExp(`^(?:clear|remove|delete|unset) (?:the )?${field} (?:of|from|for) (.+)$`, 'i'), 2, 1],
  [new RegExp(`^(?:clear|remove|delete|unset) (his|her|their|its) ${field}$`, 'i'), 1, 2],
];

/** Sets, adds and removes fields: "Set Ada's title to CTO", "add a mobile phone +1 555 to Ada", "remove the home email of Ada". */
export const fieldSet: Rule = (text, context) => {
  for (const [pattern, whoAt, fieldAt, valueAt] of forms) {
    const match = pattern.exec(text);
    if (match) return settings(whoAt === undefined ? 'this' : match[whoAt], match[fieldAt], match[valueAt], context);
  }
  for (const [pattern, whoAt, fieldAt] of removals) {
    const match = pattern.exec(text);
    if (match) return settings(match[whoAt], match[fieldAt], undefined, context);
  }
  const moved =
    /^(?:move|transfer) ((?:.+? reports? to )?.+?) (?:in)?to (?:the )?(.+?)(?: department| team)?$/i.exec(text) ??
    /^(.+?) (?:has moved to|moved to|is now in|now works in) (?:the )?(.+?)(?: department| team)?$/i.exec(text);
  if (moved) return settings(moved[1], 'department', moved[2], context);
  const promoted = /^promote (.+?) to (?:the )?(?:title of )?(.+)$/i.exec(text);
  return promoted ? settings(promoted[1], 'title', promoted[2], context) : undefined;
};

/** One or more "field to value" joined by "and". */
function settings(
  whom: string | undefined,
  first: string | undefined,
  rest: string | undefined,
  context: Parameters<Rule>[1],
): Intent {
  const set: FieldSetting[] = [];
  let manager: string | undefined;
  let [word, value] = [first ?? '', rest];
  for (;;) {
    const more =
      value === undefined
        ? null
        : new RegExp(`^(.+?)(?:,| and| & )(?: also)?(?: his| her| their| the)? ${field} to (.+)$`, 'i').exec(value);
    const text = more ? more[1] : value;
    const path = pathOf(word);
    if (path === 'manager' && text !== undefined) manager = unquote(text);
    else if (path === 'manager') set.push({ path: managerPath, value: undefined });
    else if (path === 'active') set.push({ path, value: /^(?:active|enabled|true|on)$/i.test(unquote(text ?? '')) });
    else if (path === 'name') set.push(...nameFields(unquote(text ?? '')));
    else set.push({ path, value: text === undefined ? undefined : unquote(text) });
    if (!more) break;
    [word, value] = [more[2] ?? '', more[3]];
  }
  return aimedAt(whom, context, { kind: 'set', set, ...(manager !== undefined && { manager }) });
}
