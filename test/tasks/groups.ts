/** Groups and who is in them, edited on both sides. */
import { addGroup, join, leave, remove, renameGroup, set } from './edits.ts';
import type { Task } from './task.ts';

const helena = 'Helena Park';

export const groups: Task[] = [
  {
    id: 'one joins, while another joins',
    says: 'Add Helena Park to the group On call',
    or: ['Put Helena Park into On call', 'Add Helena Park to the On call group'],
    meanwhile: { at: 'write', edits: [join('On call', 'Grace Vance')] },
    does: [join('On call', helena)],
  },
  {
    id: 'two join, while another leaves',
    says: 'Add Helena Park and Grace Vance to On call',
    meanwhile: { at: 'write', edits: [leave('On call', 'Daniel Vargas')] },
    does: [join('On call', helena, 'Grace Vance')],
  },
  {
    id: 'one leaves, while the group is renamed',
    says: 'Remove Helena Park from the group Sales',
    or: ['Take Helena Park out of the Sales group'],
    meanwhile: { at: 'write', edits: [renameGroup('Sales', 'Sales and Partners')] },
    does: [leave('Sales', helena)],
  },
  {
    id: 'one leaves who has left already',
    says: 'Remove Helena Park from the group Sales',
    meanwhile: { at: 'write', edits: [leave('Sales', helena)] },
    does: [],
  },
  {
    id: 'one joins who is deleted by then',
    says: 'Add Helena Park to On call',
    meanwhile: { at: 'write', edits: [remove(helena)] },
    does: [],
  },
  {
    id: 'one joins a group that is deleted by then',
    says: 'Add Helena Park to On call',
    meanwhile: { at: 'write', edits: [remove('group On call')] },
    does: [],
  },
  {
    id: 'a new group with people, while another group changes',
    says: 'Create a group called Choir with Helena Park and Grace Vance',
    meanwhile: { at: 'write', edits: [join('On call', 'Nina Weber')] },
    does: [addGroup('Choir', helena, 'Grace Vance')],
  },
  {
    id: 'a new group, and somebody in it',
    says: 'Create a group called Choir and add Helena Park to it',
    does: [addGroup('Choir', helena)],
  },
  {
    id: 'a group is renamed, while somebody joins',
    says: 'Rename the group On call to Night shift',
    meanwhile: { at: 'write', edits: [join('On call', helena)] },
    does: [renameGroup('On call', 'Night shift')],
  },
  {
    id: 'a group is renamed on both sides, theirs stands',
    says: 'Rename the group On call to Night shift',
    meanwhile: { at: 'write', edits: [renameGroup('On call', 'Stand-by')] },
    answers: ['no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'a group is renamed on both sides, mine stands',
    says: 'Rename the On call group to Night shift',
    meanwhile: { at: 'write', edits: [renameGroup('On call', 'Stand-by')] },
    answers: ['yes'],
    mustAsk: true,
    does: [renameGroup('On call', 'Night shift')],
  },
  {
    id: 'one changes groups, while another joins',
    says: 'Move Helena Park from the group Sales to Marketing',
    meanwhile: { at: 'write', edits: [join('Marketing', 'Grace Vance')] },
    does: [leave('Sales', helena), join('Marketing', helena)],
  },
  {
    id: 'members are copied, while the other group gets one',
    says: 'Copy the members of Contractors to On call',
    or: ['Add everyone in the group Contractors to On call'],
    meanwhile: { at: 'write', edits: [join('On call', helena)] },
    answers: ['yes'],
    does: [join('On call', 'Rania Almeida', 'Stefan Olsen', 'Anika Martins', 'Chiara Fontaine', 'Farid Castillo', 'Lea Haddad')],
  },
  {
    id: 'the same groups as somebody else',
    says: 'Give Grace Vance the same groups as Helena Park',
    meanwhile: { at: 'write', edits: [set('Grace Vance', { title: 'Team Lead' })] },
    does: [join('Sales', 'Grace Vance'), join('Toronto office', 'Grace Vance')],
  },
  {
    id: 'who is in a group',
    says: 'Who is in the group On call?',
    or: ['Show the members of On call'],
    tells: ['Daniel Vargas'],
    does: [],
  },
  {
    id: 'which groups somebody is in',
    says: 'Which groups is Helena Park in?',
    tells: ['Sales', 'Toronto office'],
    does: [],
  },
];
