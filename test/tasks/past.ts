/** History, and taking changes back without taking back those of others. */
import { set } from './edits.ts';
import type { Task } from './task.ts';

const helena = 'Helena Park';
const says = "Set Helena Park's title to Account Executive";
const undo = 'Undo your last change to Helena Park';

export const past: Task[] = [
  {
    id: 'its own change is undone, while the phone changes',
    says: [says, undo],
    or: [[says, "Undo your last change of Helena Park's title"]],
    meanwhile: { at: 'write', edits: [set(helena, { 'phoneNumbers[work].value': '+1 4' })] },
    does: [],
  },
  {
    id: 'its own change is undone, where the same changes meanwhile, and theirs stands',
    says: [says, undo],
    meanwhile: { at: 'write', edits: [set(helena, { title: 'Team Lead' })] },
    answers: ['no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'its own change is undone, where the same changes meanwhile, and the person goes on',
    says: [says, undo],
    meanwhile: { at: 'write', edits: [set(helena, { title: 'Team Lead' })] },
    answers: ['yes'],
    mustAsk: true,
    does: [set(helena, { title: 'Sales Engineer' })],
  },
  {
    id: "the administrator's change is undone, what came later stays",
    says: "Undo the last change of Helena Park's title",
    or: ["Set Helena Park's title back to what it was"],
    async before(world) {
      await world.set(helena, { title: 'Team Lead' });
      await world.set(helena, { nickName: 'Len' });
    },
    meanwhile: { at: 'write', edits: [set(helena, { department: 'Marketing' })] },
    does: [set(helena, { title: 'Sales Engineer' })],
  },
  {
    id: 'who changed a title',
    says: "Who changed Helena Park's title?",
    or: ['Who changed the title of Helena Park last?'],
    before: (world) => world.set(helena, { title: 'Team Lead' }),
    tells: ['Administrator', 'Team Lead'],
    does: [],
  },
  {
    id: 'what changed since yesterday',
    says: 'What changed about Helena Park since yesterday?',
    before: (world) => world.set(helena, { nickName: 'Len' }),
    tells: ['Len'],
    does: [],
  },
];
