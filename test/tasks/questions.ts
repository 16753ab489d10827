/** Questions that are answered, and change nothing. */
import type { Task } from './task.ts';

export const questions: Task[] = [
  {
    id: 'how many are in a department',
    says: 'How many people are in Sales?',
    or: ['Count the people in Sales'],
    tells: ['5'],
    does: [],
  },
  { id: 'a role in a city', says: 'Show engineers in Toronto', tells: ['Helena Park'], does: [] },
  { id: 'who reports to somebody', says: 'Who reports to Emeka Ahmed?', tells: ['Helena Park', 'Anika Navarro'], does: [] },
  {
    id: 'those without a manager',
    says: 'Find people in Sales without a manager',
    before: (world) => world.set('Helena Park', { 'manager.value': undefined }),
    tells: ['Helena Park'],
    does: [],
  },
  { id: 'one field of somebody', says: "What is Helena Park's work phone?", tells: ['+1 416 555 0761'], does: [] },
  {
    id: "somebody's manager",
    says: 'Who does Helena Park report to?',
    or: ["Who is Helena Park's manager?"],
    tells: ['Emeka Ahmed'],
    does: [],
  },
];
