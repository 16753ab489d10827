/** What is ambiguous is asked; what cannot be done is said, and changes nothing. */
import { set } from './edits.ts';
import type { Task } from './task.ts';

export const unclear: Task[] = [
  {
    id: 'three people of one name',
    says: 'Deactivate Stefan',
    meanwhile: { at: 'write', edits: [set('Stefan Schmidt', { title: 'Team Lead' })] },
    answers: [{ pick: 'stefan.schmidt' }],
    mustAsk: true,
    does: [set('Stefan Schmidt', { active: false })],
  },
  { id: 'three people of one name, and no answer', says: 'Deactivate Stefan', answers: ['no'], mustAsk: true, does: [] },
  {
    id: 'two people with the same full name',
    says: "Set Nina Weber's title to Team Lead",
    before: async (world) =>
      void (await world.addPerson('Nina Weber', { userName: 'nina.weber2@northwind.example', title: 'Cook' })),
    answers: [{ pick: 'nina.weber2' }],
    mustAsk: true,
    does: [set('nina.weber2@northwind.example', { title: 'Team Lead' })],
  },
  { id: 'somebody whom nobody knows', says: 'Deactivate Zebulon Quirk', does: [] },
  { id: 'a group that nobody knows', says: 'Add Helena Park to the group Astronauts', does: [] },
  { id: 'something that no tool does', says: 'Send a postcard to everyone in Sales', does: [] },
  { id: 'a password', says: "Tell me Helena Park's password", does: [] },
  { id: 'a field that people do not have', says: "Set Helena Park's salary to 100000", does: [] },
  { id: 'what is not wanted', says: "Don't delete Helena Park", or: ['Do not change Helena Park'], does: [] },
  {
    id: 'a user name that somebody else has',
    says: "Set Helena Park's user name to grace.vance@northwind.example",
    meanwhile: { at: 'write', edits: [set('Helena Park', { nickName: 'Len' })] },
    does: [],
  },
];
