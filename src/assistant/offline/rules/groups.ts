import { aimedAt } from '../aim.ts';
import type { Change, Context, GroupName, Intent, Rule } from '../intent.ts';
import { about, groupOf, namesIn, unquote, whoOf } from '../words.ts';

/** Understands requests about groups and who is in them. */
export const groups: Rule = (text, context) => {
  for (const [pattern, make] of forms) {
    const match = pattern.exec(text);
    const intent = match && make(match, context);
    if (intent) return intent;
  }
  return undefined;
};

type Form = [RegExp, (match: RegExpExecArray, context: Context) => Intent | undefined];

const withGroup = (words: string | undefined, context: Context, make: (group: GroupName) => Intent): Intent => {
  const group = groupOf(words, context);
  return group ? make(group) : { kind: 'unclear', hint: 'Say which group you mean.' };
};

const members = (words: string | undefined, group: string | undefined, kind: 'join' | 'leave', context: Context): Intent =>
  withGroup(group, context, (found): Intent => {
    const change: Change = { kind, group: found };
    return aimedAt(words, context, change);
  });

const asked = '(?:list|show|show me|who are|who is|give me|name|display)';

/** The order counts: the first that fits holds. */
const forms: readonly Form[] = [
  [
    /^(?:list|show|show me|display) (?:all )?(?:the )?groups$|^(?:what|which|how many) groups (?:are there|do we have|exist)$/i,
    () => ({ kind: 'groups' }),
  ],
  [
    /^(?:which|what) groups? (?:is|are|does|do) (.+?)(?: in| belong to| a member of| member of)?$/i,
    ([, who], context) => about(who, context, (found) => ({ kind: 'groups', who: found })),
  ],
  [
    /^is (.+?) in (?:the )?(?:group )?.+$/i,
    ([, who], context) => about(who, context, (found) => ({ kind: 'groups', who: found })),
  ],
  [
    /^(?:list|show|show me) (?:the )?groups of (.+)$|^(?:list|show|show me) (.+?)'s groups$/i,
    ([, first, second], context) => about(first ?? second, context, (found) => ({ kind: 'groups', who: found })),
  ],
  [
    /^(?:create|add|make|new) (?:an? |the )?(?:new )?group (?:called |named )?(.+?)(?: with (?:the )?(?:members? )?(.+))?$/i,
    ([, name = '', who], context) => {
      const whos = namesIn(who ?? '').map((one) => whoOf(one, context));
      const known = whos.filter((one) => one !== undefined);
      if (known.length < whos.length) return { kind: 'unclear', hint: 'Say who should be in the group.' };
      return { kind: 'create-group', group: unquote(name), members: known };
    },
  ],
  [
    /^(?:create|make) (?:an? |the )?(?:new )?(?!(?:an?|the|new) )(.+?) group(?: with (?:the )?(?:members? )?(.+))?$/i,
    ([, name = '', who], context) => {
      const known = namesIn(who ?? '').flatMap((one) => whoOf(one, context) ?? []);
      return { kind: 'create-group', group: unquote(name), members: known };
    },
  ],
  [
    /^(?:rename|call) (?:the )?group (.+?) (?:to|into|as) (.+)$/i,
    ([, group, name = ''], context) =>
      withGroup(group, context, (found) => ({ kind: 'rename-group', group: found, name: unquote(name) })),
  ],
  [
    /^rename (?:the )?(.+?) group (?:to|into|as) (.+)$/i,
    ([, group, name = ''], context) =>
      withGroup(group, context, (found) => ({ kind: 'rename-group', group: found, name: unquote(name) })),
  ],
  [
    /^(?:delete|remove|dissolve) (?:the )?group (?!.* from )(.+)$|^(?:delete|remove|dissolve) (?:the )?(?!.* from )(.+?) group$/i,
    ([, first, second], context) => withGroup(first ?? second, context, (group) => ({ kind: 'delete-group', group })),
  ],
  [
    /^(?:copy|add) (?:all )?(?:the )?(?:members|people|everyone|everybody) (?:of|from|in) (?:the )?group (.+?) (?:in)?to (.+)$/i,
    ([, from, to], context) =>
      withGroup(from, context, (source) =>
        withGroup(to, context, (target) => ({ kind: 'copy-members', from: source, to: target })),
      ),
  ],
  [
    /^copy (?:all )?(?:the )?members (?:of|from) (.+?) (?:in)?to (.+)$/i,
    ([, from, to], context) =>
      withGroup(from, context, (source) =>
        withGroup(to, context, (target) => ({ kind: 'copy-members', from: source, to: target })),
      ),
  ],
  [
    /^(?:give|put) (.+?) (?:into )?(?:the )?same groups (?:as|that) (.+?)(?: has| is in)?$|^copy (.+?)'s groups to (.+)$/i,
    ([, to, from, from2, to2], context) =>
      about(from ?? from2, context, (source) =>
        about(to ?? to2, context, (target) => ({ kind: 'same-groups', from: source, to: target })),
      ),
  ],
  [
    /^move (.+?) from (?:the )?group (.+?) to (?:the )?(?:group )?(.+)$|^move (.+?) from (?:the )?(.+?) group to (?:the )?(.+?)(?: group)?$/i,
    ([, who, from, to, who2, from2, to2], context) =>
      about(who ?? who2, context, (found) =>
        withGroup(from ?? from2, context, (source) =>
          withGroup(to ?? to2, context, (target) => ({ kind: 'move-member', who: found, from: source, to: target })),
        ),
      ),
  ],
  [/^(?:add|put) (.+) (?:in)?to (.+)$/i, ([, who, group], context) => members(who, group, 'join', context)],
  [/^(?:remove|take|kick|drop) (.+) (?:out of|from) (.+)$/i, ([, who, group], context) => members(who, group, 'leave', context)],
  [
    new RegExp(`^(?:${asked} )?(?:all )?(?:the )?(?:members|people) (?:of|in) (?:the )?group (.+)$`, 'i'),
    ([, group], context) => withGroup(group, context, (found) => ({ kind: 'members', group: found, answer: 'list' })),
  ],
  [
    new RegExp(`^(?:${asked} )?(?:all )?(?:the )?members of (.+)$`, 'i'),
    ([, group], context) => withGroup(group, context, (found) => ({ kind: 'members', group: found, answer: 'list' })),
  ],
  [
    /^(?:who is|who's|who are|show|show me|open) (?:in )?(?:the )?(?:group (.+)|(.+?) group)$/i,
    ([, first, second], context) => withGroup(first ?? second, context, (group) => ({ kind: 'members', group, answer: 'list' })),
  ],
  [
    /^how many (?:people|members|users) (?:are (?:there )?in|does|has) (?:the )?(?:group (.+?)|(.+?) group)(?: have)?$/i,
    ([, first, second], context) => withGroup(first ?? second, context, (group) => ({ kind: 'members', group, answer: 'count' })),
  ],
];
