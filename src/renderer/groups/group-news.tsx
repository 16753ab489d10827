import { Tooltip } from '@mantine/core';
import type { Draft } from '../editor/draft.ts';
import { AuthorIcon } from '../history/author-icon.tsx';
import { ago, authorName, exactTime, labelOf, listOf } from '../words.ts';
import { noteText, useMemberNote } from './group-notes.ts';

/** Who changed the group last. News of it takes the same line, so that what is below stays where it is. */
export function GroupNews({ draft: { base, note, theirs }, noteKey }: { draft: Draft; noteKey: string }) {
  const members = useMemberNote(noteKey);
  const author = theirs?.author ?? members?.author ?? note?.author ?? base.author;
  const names = listOf((note?.paths ?? []).map((path) => labelOf(path).toLowerCase()));
  const at = members?.at ?? note?.at;
  return (
    <div className="last-change group-last-change">
      <AuthorIcon author={author} />
      <span role="status" aria-label="Note">
        {members && noteText(members)}
        {members && note && '; '}
        {note && `${authorName(note.author)} changed ${names}${note.kind === 'rebased' ? ', your edits are kept' : ''}`}
      </span>
      {at === undefined ? (
        <Tooltip label={exactTime(base.at)}>
          <span>
            Changed {ago(base.at)} by {authorName(base.author)}
          </span>
        </Tooltip>
      ) : (
        <Tooltip label={exactTime(at)}>
          <span>, {ago(at)}</span>
        </Tooltip>
      )}{' '}
      <span className="version">
        · version <span data-testid="version">{base.version}</span>
      </span>
    </div>
  );
}
