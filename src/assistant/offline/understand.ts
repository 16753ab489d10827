import type { Context, Focus, GroupName, Intent, Rule, Who } from './intent.ts';
import { fieldSet, deleted, managed, renamed, switched } from './rules/change.ts';
import { created } from './rules/create.ts';
import { decided } from './rules/decided.ts';
import { demo } from './rules/demo.ts';
import { asked, counted, found } from './rules/find.ts';
import { groups } from './rules/groups.ts';
import { history } from './rules/history.ts';
import { inbox } from './rules/inbox.ts';
import { fieldPattern, tidy } from './words.ts';

/**
 * Understands an everyday request in English, or several in one sentence. Pure.
 * @param focus whom "her", "this user" and the like mean.
 */
export function understand(text: string, focus?: Focus): Intent {
  const sentence = tidy(text);
  const answer = listAnswer.exec(sentence);
  const context: Context = { who: focus && { id: focus.id } };
  if (answer?.[1] && answer[2]) {
    const intent = one(tidy(answer[2]), context);
    return intent.kind === 'everyone' ? { ...intent, list: answer[1] } : intent;
  }
  if (decided(sentence, context)) return one(sentence, context);
  // What a ticket is about is no request of its own.
  const played = demo(sentence, context);
  if (played) return played;
  const parts = partsOf(sentence);
  if (parts.length < 2) return one(sentence, context);
  const steps: { text: string; intent: Intent }[] = [];
  for (const part of parts) {
    const intent = one(part, context);
    if (intent.kind === 'unclear')
      return { kind: 'unclear', hint: intent.hint ?? `I did not understand “${part}”, so I did nothing.` };
    steps.push({ text: part, intent });
    const { who, group } = meantBy(intent);
    if (who) context.who = who;
    if (group) context.group = group;
  }
  return { kind: 'steps', steps };
}

/** The answer to "Deactivate 19 people?". */
const listAnswer = /^yes, for these \d+ people \(list (\w+)\): (.+)$/i;

function one(sentence: string, context: Context): Intent {
  for (const rule of rules) {
    const intent = rule(sentence, context);
    if (intent) return intent;
  }
  return { kind: 'unclear' };
}

/** The order counts: the first that understands the sentence holds. */
const rules: readonly Rule[] = [
  (text) => (/^(?:help|what can you do|hi|hello|hey)\b/i.test(text) || text === '' ? { kind: 'help' } : undefined),
  (text) => (/^(?:do not|don't|never|stop|leave .+ alone)\b/i.test(text) ? { kind: 'nothing' } : undefined),
  decided,
  inbox,
  history,
  (text, context) => (typedField.test(text) ? fieldSet(text, context) : undefined),
  groups,
  counted,
  created,
  managed,
  renamed,
  switched,
  (text, context) => (removesField.test(text) ? fieldSet(text, context) : undefined),
  deleted,
  fieldSet,
  asked,
  found,
];

/** Sentences about a field that otherwise read like those about members of a group, or about a person to delete. */
const typedField = new RegExp(
  `^(?:add|set) (?:the |an? )?(?:new )?(?:${fieldPattern}):? .+ (?:to|for|of) |^(?:remove|delete|clear|unset) (?:the )?(?:${fieldPattern}) (?:of|from|for) `,
  'i',
);
const removesField = new RegExp(`^(?:clear|remove|delete|unset) (?:.+(?:'s|s')|his|her|their|its) (?:${fieldPattern})$`, 'i');

const verbs =
  'set|change|update|move|add|put|remove|delete|deactivate|disable|activate|reactivate|enable|create|rename|make|promote|clear|give|copy|show|list|find|count|undo';

/** The requests of a sentence that has several, split outside of quotations. */
function partsOf(sentence: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { index, 0: joint } of sentence.matchAll(
    new RegExp(`(?:,? and (?:then )?|, then |; ?(?:then )?|\\. )(?=(?:${verbs}) )`, 'g'),
  )) {
    if ((sentence.slice(0, index).match(/["“”]/g)?.length ?? 0) % 2 === 1) continue;
    parts.push(sentence.slice(from, index));
    from = index + joint.length;
  }
  return [...parts, sentence.slice(from)];
}

/** Whom and what the next part of a sentence can call "her" and "it". */
function meantBy(intent: Intent): { who?: Who; group?: GroupName } {
  if (intent.kind === 'create') {
    const userName = intent.fields.find(({ path }) => path === 'userName')?.value;
    return typeof userName === 'string' ? { who: { name: userName } } : {};
  }
  if (intent.kind === 'update' || intent.kind === 'show' || intent.kind === 'history') return { who: intent.who };
  if (intent.kind === 'create-group') return { group: { group: intent.group } };
  if (intent.kind === 'rename-group') return { group: { group: intent.name } };
  if (intent.kind !== 'everyone') return {};
  const { people, change } = intent;
  const [only, ...more] = 'named' in people ? people.named : [];
  return { ...(only && more.length === 0 && { who: only }), ...('group' in change && { group: change.group }) };
}
