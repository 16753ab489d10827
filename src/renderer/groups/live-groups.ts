import type { Change } from '../../directory/pure.ts';
import { draftKey } from '../editor/drafts.ts';
import { authorName } from '../words.ts';
import { groupNotes } from './group-notes.ts';
import { memberLists } from './member-lists.ts';

/** Takes over what an announced change says of groups; of what one has done oneself there is no note. */
export function receiveForGroups(change: Change): void {
  memberLists.receive(change);
  if (change.type !== 'Group' || change.operation === 'delete') return;
  if (authorName(change.author) !== 'You') groupNotes.receive(draftKey(change.tenant, change.id), change);
}
