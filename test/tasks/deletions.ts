/** Deleting, and what is deleted in between. */
import { join, remove, set } from './edits.ts';
import type { Task } from './task.ts';

const helena = 'Helena Park';

export const deletions: Task[] = [
  {
    id: 'a deletion after a yes',
    says: 'Delete Helena Park',
    or: ['Remove the user helena.park@northwind.example'],
    answers: ['yes'],
    mustAsk: true,
    does: [remove(helena)],
  },
  { id: 'a deletion after a no', says: 'Delete Helena Park', answers: ['no'], mustAsk: true, does: [] },
  {
    id: 'a deletion of somebody who changes while it is asked',
    says: 'Delete Helena Park',
    meanwhile: { at: 'question', edits: [set(helena, { title: 'Team Lead' })] },
    answers: ['yes'],
    mustAsk: true,
    does: [remove(helena)],
  },
  {
    id: 'a deletion of somebody who changes while it is asked, then not',
    says: 'Delete Helena Park',
    meanwhile: { at: 'question', edits: [set(helena, { title: 'Team Lead' })] },
    answers: ['yes', 'no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'a deletion of somebody who is gone by then',
    says: 'Delete Helena Park',
    meanwhile: { at: 'question', edits: [remove(helena)] },
    answers: ['yes'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'a group is deleted after a yes, its people stay',
    says: 'Delete the group On call',
    or: ['Delete the On call group'],
    answers: ['yes'],
    mustAsk: true,
    does: [remove('group On call')],
  },
  {
    id: 'a group that gets a member while it is asked',
    says: 'Delete the group On call',
    meanwhile: { at: 'question', edits: [join('On call', helena)] },
    answers: ['yes', 'no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'several people after a no',
    says: 'Delete the contractors in Toronto',
    answers: ['no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'two people after a yes, while somebody else changes',
    says: 'Delete Helena Park and Grace Vance',
    meanwhile: { at: 'question', edits: [set('Nina Weber', { title: 'Team Lead' })] },
    answers: ['yes'],
    mustAsk: true,
    does: [remove(helena), remove('Grace Vance')],
  },
];
