import type { Intent } from './intent.ts';
import { Ambiguous, whichOf } from './lookup.ts';
import { demo } from './plans/demo.ts';
import { everyone } from './plans/everyone.ts';
import { find } from './plans/find.ts';
import * as groups from './plans/groups.ts';
import * as past from './plans/history.ts';
import * as inbox from './plans/inbox.ts';
import * as people from './plans/people.ts';
import { nextOf, say, Stop, type Ending, type Observation, type Step, type Work } from './step.ts';

/**
 * Decides what comes next for an intent, from what its calls have brought so far. Pure.
 * @param request the person's words, with which an answer to a question goes on.
 * @param now decides what "yesterday" is.
 */
export function plan(intent: Intent, seen: readonly Observation[], request: string, now = new Date()): Step {
  return nextOf(work(intent, request, now), seen);
}

function* work(intent: Intent, request: string, now: Date): Work {
  if (intent.kind !== 'steps') return yield* single(intent, request, now);
  const said: string[] = [];
  for (const [index, step] of intent.steps.entries()) {
    const ending: Ending = yield* ended(step.intent, step.text, now);
    said.push(ending.text);
    if (ending.kind === 'say') continue;
    const left = intent.steps.slice(index + 1).map(({ text }) => `“${text}”`);
    const rest = left.length === 0 ? '' : `\nAfter that, ask me again for: ${left.join(', ')}.`;
    return { ...ending, text: `${said.join('\n')}${rest}` };
  }
  return say(said.join('\n'));
}

/** Whatever the work ends with, also from within. */
function* ended(intent: Intent, request: string, now: Date): Work {
  try {
    return yield* single(intent, request, now);
  } catch (error) {
    if (error instanceof Stop) return error.ending;
    throw error;
  }
}

function* single(intent: Intent, request: string, now: Date): Work {
  try {
    const begun = workOn(intent, request, now);
    return 'kind' in begun ? begun : yield* begun;
  } catch (error) {
    if (error instanceof Ambiguous) return whichOf(error, request);
    throw error;
  }
}

function workOn(intent: Intent, request: string, now: Date): Work | Ending {
  switch (intent.kind) {
    case 'help':
      return say(helpText);
    case 'nothing':
      return say('All right, I change nothing.');
    case 'approve':
      return say('Only people approve changes, in the inbox. I changed nothing.');
    case 'unclear':
      return say(`${intent.hint ?? 'I did not understand that.'} ${helpText}`);
    case 'find':
      return find(intent);
    case 'show':
      return people.show(intent);
    case 'value':
      return people.value(intent);
    case 'create':
      return people.create(intent);
    case 'update':
      return people.update(intent);
    case 'delete':
      return people.remove(intent);
    case 'everyone':
      return everyone(intent, request);
    case 'groups':
      return groups.groups(intent);
    case 'members':
      return groups.members(intent);
    case 'create-group':
      return groups.create(intent);
    case 'rename-group':
      return groups.rename(intent);
    case 'delete-group':
      return groups.remove(intent);
    case 'copy-members':
      return groups.copyMembers(intent);
    case 'same-groups':
      return groups.sameGroups(intent);
    case 'move-member':
      return groups.moveMember(intent);
    case 'history':
      return past.history(intent, now);
    case 'undo':
      return past.undo(intent);
    case 'revert':
      return past.revert(intent);
    case 'restore':
      return past.restore(intent);
    case 'inbox':
      return inbox.waiting();
    case 'proposals':
      return inbox.proposals();
    case 'answer':
      return inbox.answer(intent);
    case 'withdraw':
      return inbox.withdraw(intent);
    case 'conflicts':
      return inbox.conflicts();
    case 'demo':
      return demo(intent);
    case 'steps':
      return work(intent, request, now);
  }
}

const helpText =
  "I work by rules, without AI, so plain sentences work best. For example: “Find everyone in Sales”, “Show Ada Chen”, “Set Ada Chen's title to Engineer”, " +
  '“Create Grace Hopper, grace@example.com, title Admiral”, “Deactivate this person”, “Delete Ada Chen”, “Move everyone in Sales to Revenue”, ' +
  "“Add Ada Chen to the group On call”, “Who changed Ada Chen's title?”, “Undo your last change to Ada Chen”, “What waits for approval?”, “Create a ticket: the printer is broken”.";
