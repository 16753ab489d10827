/** Both sides change the same: the person decides, and nothing is overwritten without it. */
import { open, reportTo, set } from './edits.ts';
import type { Task } from './task.ts';

const helena = 'Helena Park';
const says = "Set Helena Park's title to Account Executive";

export const overlaps: Task[] = [
  {
    id: 'the same title, mine stands',
    says,
    or: ['Promote Helena Park to Account Executive'],
    meanwhile: { at: 'write', edits: [set(helena, { title: 'Team Lead' })] },
    answers: ['yes'],
    mustAsk: true,
    does: [set(helena, { title: 'Account Executive' })],
  },
  {
    id: 'the same title, theirs stands',
    says,
    or: ['Change the title of Helena Park to Account Executive'],
    meanwhile: { at: 'write', edits: [set(helena, { title: 'Team Lead' })] },
    answers: ['no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'the same title, and another field that is kept',
    says,
    meanwhile: { at: 'write', edits: [set(helena, { title: 'Team Lead' }), set(helena, { nickName: 'Len' })] },
    answers: ['yes'],
    mustAsk: true,
    does: [set(helena, { title: 'Account Executive' })],
  },
  {
    id: 'the same title is removed meanwhile',
    says,
    meanwhile: { at: 'write', edits: [set(helena, { title: undefined })] },
    answers: ['no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'the same department, mine stands',
    says: 'Move Helena Park to Marketing',
    meanwhile: { at: 'write', edits: [set(helena, { department: 'Operations' })] },
    answers: ['yes'],
    mustAsk: true,
    does: [set(helena, { department: 'Marketing' })],
  },
  {
    id: 'the same manager, theirs stands',
    says: 'Make Omar Kato the manager of Helena Park',
    meanwhile: { at: 'write', edits: [reportTo(helena, 'Zoe Dubois')] },
    answers: ['no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'the same phone, theirs stands',
    says: "Set Helena Park's work phone to +1 1",
    meanwhile: { at: 'write', edits: [set(helena, { 'phoneNumbers[work].value': '+1 2' })] },
    answers: ['no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'the same phone, mine stands',
    says: "Set Helena Park's work phone to +1 1",
    meanwhile: { at: 'write', edits: [set(helena, { 'phoneNumbers[work].value': '+1 2' })] },
    answers: ['yes'],
    mustAsk: true,
    does: [set(helena, { 'phoneNumbers[work].value': '+1 1' })],
  },
  {
    id: 'a rename meets another rename',
    says: 'Rename Grace Vance to Grace Hopper',
    meanwhile: { at: 'write', edits: [set('Grace Vance', { displayName: 'Grace Vance-Li', 'name.familyName': 'Vance-Li' })] },
    answers: ['no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'one of two fields collides, theirs stands',
    says: "Set Helena Park's title to Buyer and department to Operations",
    meanwhile: { at: 'write', edits: [set(helena, { title: 'Team Lead' })] },
    answers: ['no'],
    mustAsk: true,
    // Whether the other field is still changed is open.
    does: [open(helena, 'department')],
  },
  {
    id: 'both want the same',
    says: 'Reactivate Nina Olsen',
    meanwhile: { at: 'write', edits: [set('Nina Olsen', { active: true })] },
    does: [],
  },
  {
    id: 'unsaved changes of the same field, and the person goes on',
    says,
    before: async (world) => world.draft(helena, ['title']),
    answers: ['yes'],
    does: [set(helena, { title: 'Account Executive' })],
  },
  {
    id: 'unsaved changes of another field hinder nothing',
    says,
    before: async (world) => world.draft(helena, ['nickName']),
    meanwhile: { at: 'write', edits: [set(helena, { nickName: 'Len' })] },
    does: [set(helena, { title: 'Account Executive' })],
  },
];
