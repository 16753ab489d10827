import type { FieldSetting, Rule } from '../intent.ts';
import { uuid } from '../words.ts';

const id = uuid.source;

/**
 * Answers to the questions that the agent asks, and what the conflict banner asks of it; each names the version that the person
 * was shown, so that it holds for nothing else.
 */
export const decided: Rule = (text, { who }) => {
  const version = / at version (\S+)$/.exec(text)?.[1];
  const kept = new RegExp(`^keep theirs for (group )?(${id})$`, 'i').exec(text);
  if (kept?.[2])
    return kept[1] ? { kind: 'members', group: { id: kept[2] }, answer: 'list' } : { kind: 'show', who: { id: kept[2] } };
  if (version === undefined) return undefined;
  const deleted = new RegExp(`^yes, delete (?:(the group) )?.*?(${id}) at version \\S+$`, 'i').exec(text);
  if (deleted?.[2])
    return deleted[1]
      ? { kind: 'delete-group', group: { id: deleted[2] }, version }
      : { kind: 'delete', who: { id: deleted[2] }, version };
  const back = new RegExp(`^go back to version (\\S+) of (${id}) in (.+) at version \\S+$`, 'i').exec(text);
  if (back?.[1] && back[2] && back[3])
    return { kind: 'revert', who: { id: back[2] }, to: back[1], fields: back[3].split(' & '), version };
  const named = new RegExp(`^use mine for group (${id}): displayName = “(.*)” at version \\S+$`, 'i').exec(text);
  if (named?.[1] && named[2] !== undefined) return { kind: 'rename-group', group: { id: named[1] }, name: named[2], version };
  const isRedo = /^do your change again on my version: /i.test(text);
  const mine = new RegExp(`^use mine for (${id}): `, 'i').exec(text)?.[1];
  const whom = isRedo ? who : mine === undefined ? undefined : { id: mine };
  return whom && { kind: 'update', who: whom, set: settingsIn(text), version };
};

/** Reads `title = “CTO”, active = false, nickName = nothing`. */
function settingsIn(text: string): FieldSetting[] {
  return [...text.matchAll(/(\S+(?:\[\w+ eq "[^"]*"\])?\S*) = (nothing|true|false|“[^”]*”)/g)].map(
    ([, path = '', value = '']) => ({
      path,
      value: value === 'nothing' ? undefined : value === 'true' ? true : value === 'false' ? false : value.slice(1, -1),
    }),
  );
}
