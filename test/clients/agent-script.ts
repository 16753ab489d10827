import { expect } from 'vitest';
import { userUrn } from '../../src/directory/index.ts';
import type { Script } from '../fake-model.ts';
import type { Stage } from './stage.ts';
import { editAsPerson, replace, type Answer } from './through-conflict.ts';

/** What an agent is asked to do. */
export const wish = 'Make Ada a principal engineer who reads British English.';

/** The person about whom an agent is asked. @returns the id. */
export async function addAda(stage: Stage): Promise<string> {
  const record = { schemas: [userUrn], userName: 'ada', title: 'Engineer', nickName: 'Countess' };
  return (await stage.directory.create(stage.administrator, 'User', record)).resource.id;
}

/**
 * What the model of an agent decides: it finds Ada, reads her, writes on the version that it has read, is told of a conflict, settles
 * it so that the other's title stands, and reads the result. Between its reading and its writing a person edits the record.
 * @param stage where that person works.
 * @param named how the agent names a tool of Tandem to its model.
 */
export function throughConflict(
  stage: Stage,
  id: string,
  named: (tool: string) => { name: string; namespace?: string },
): { script: Script; answers: Answer[] } {
  const answers: Answer[] = [];
  const call = (tool: string, args: Record<string, unknown>) => ({ calls: [{ ...named(tool), args }] });
  const script: Script = async ({ tools, results }) => {
    // Agents ask also for a title of the conversation, without tools.
    if (!tools.includes(named('scim_get_user').name)) return { text: 'Ada' };
    answers.splice(0, Infinity, ...results.map(read));
    switch (answers.length) {
      case 0:
        return call('scim_search_users', { attribute: 'userName', value: 'ada' });
      case 1:
        return call('scim_get_user', { user_id: answers[0]?.content.Resources[0].id });
      case 2:
        await editAsPerson(stage, id, { title: 'Staff engineer', displayName: 'Ada Lovelace' });
        return call('scim_patch_user', {
          user_id: id,
          operations: replace({ title: 'Principal engineer', locale: 'en-GB' }),
          expected_version: answers[1]?.content['_version'],
        });
      case 3:
        return call('scim_resolve_conflict', {
          conflict_id: answers[2]?.content.conflict.conflict_id,
          strategy: 'merge',
          choices: { title: 'theirs' },
        });
      case 4:
        return call('scim_get_user', { user_id: id });
      default:
        return { text: 'Ada reads British English now. Somebody has made her a staff engineer meanwhile; I have left that.' };
    }
  };
  return { script, answers };
}

/** Holds what the agent was told, one answer after the other. */
export function expectTold(answers: Answer[]): void {
  expect(answers).toMatchObject([
    { success: true, content: { totalResults: 1 } },
    { success: true, content: { title: 'Engineer' } },
    { success: false, content: { error_code: 'VERSION_MISMATCH', conflict: { overlapping: ['title'] } } },
    { success: true },
    { success: true, content: { title: 'Staff engineer', locale: 'en-GB', nickName: 'Countess' } },
  ]);
}

/** The result of a tool as an agent hands it to its model: as text, with words of its own before it. */
function read(text: string): Answer {
  const start = text.indexOf('{"success"');
  if (start < 0) throw new Error(`the agent told its model: ${text}`);
  return JSON.parse(text.slice(start)) as Answer;
}
