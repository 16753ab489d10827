/** Many at once: the list is asked about, and may be another one by the time of the change. */
import { join, remove, reportTo, set, setAll } from './edits.ts';
import type { Task } from './task.ts';

const sales = ['Emeka Ahmed', 'Helena Park', 'Beatriz Ahmed', 'Chiara Fontaine', 'Anika Navarro'];
const finance = ['Zoe Dubois', 'Chen Caruso', 'Rania Almeida', 'Nina Olsen', 'Rafael Yilmaz'];
const learning = ['Lina Delgado', 'Uma Adler', 'Mei Mendes'];
const helena = 'Helena Park';

export const several: Task[] = [
  {
    id: 'a department is deactivated, while a title changes',
    says: 'Deactivate everyone in Sales',
    or: ['Please disable all people in the Sales department.'],
    meanwhile: { at: 'write', edits: [set(helena, { title: 'Team Lead' })] },
    answers: ['yes'],
    mustAsk: true,
    does: setAll(sales, { active: false }),
  },
  {
    id: 'a department is not deactivated after a no',
    says: 'Deactivate everyone in Sales',
    answers: ['no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'somebody leaves the department before the change arrives',
    says: 'Deactivate everyone in Sales',
    meanwhile: { at: 'write', edits: [set(helena, { department: 'Marketing' })] },
    answers: ['yes'],
    mustAsk: true,
    does: setAll(
      sales.filter((name) => name !== helena),
      { active: false },
    ),
  },
  {
    id: 'somebody comes into the department while it is asked',
    says: 'Deactivate everyone in Sales',
    meanwhile: { at: 'question', edits: [set('Nina Weber', { department: 'Sales' })] },
    answers: ['yes'],
    mustAsk: true,
    does: setAll([...sales, 'Nina Weber'], { active: false }),
  },
  {
    id: 'somebody comes into the department while it is asked, then not',
    says: 'Deactivate everyone in Sales',
    meanwhile: { at: 'question', edits: [set('Nina Weber', { department: 'Sales' })] },
    answers: ['yes', 'no'],
    mustAsk: true,
    does: [],
  },
  {
    id: 'a few are moved, while a phone changes',
    says: 'Move everyone with the title Learning Specialist to Marketing',
    meanwhile: { at: 'write', edits: [set('Uma Adler', { 'phoneNumbers[work].value': '+1 3' })] },
    answers: ['yes'],
    does: setAll(learning, { department: 'Marketing' }),
  },
  {
    id: 'a title for all, one of which collides',
    says: 'Set the title of everyone in Finance to Analyst',
    meanwhile: { at: 'write', edits: [set('Chen Caruso', { title: 'Auditor' })] },
    answers: ['yes', 'no'],
    mustAsk: true,
    does: setAll(
      finance.filter((name) => name !== 'Chen Caruso'),
      { title: 'Analyst' },
    ),
  },
  {
    id: 'a title for all, one of which is deleted',
    says: 'Set the title of everyone in Finance to Analyst',
    or: ['Give everyone in Finance the title Analyst'],
    meanwhile: { at: 'write', edits: [remove('Chen Caruso')] },
    answers: ['yes'],
    mustAsk: true,
    does: setAll(
      finance.filter((name) => name !== 'Chen Caruso'),
      { title: 'Analyst' },
    ),
  },
  {
    id: 'two who are named, while one of them moves',
    says: 'Deactivate Helena Park and Grace Vance',
    meanwhile: { at: 'write', edits: [set('Grace Vance', { department: 'Product' })] },
    does: setAll([helena, 'Grace Vance'], { active: false }),
  },
  {
    id: 'an office joins a group, while somebody else joins',
    says: 'Add everyone in Lisbon to the group On call',
    meanwhile: { at: 'write', edits: [join('On call', helena)] },
    answers: ['yes'],
    mustAsk: true,
    does: [
      join(
        'On call',
        'Daniel Garcia',
        'Chen Caruso',
        'Lina Delgado',
        'Elif Adler',
        'Stefan Schmidt',
        'Jakob Garcia',
        'Malik Oliveira',
        'Anika Navarro',
      ),
    ],
  },
  {
    id: 'a cost center for a department',
    says: 'Set the cost center of everyone in Product to CC-777',
    answers: ['yes'],
    mustAsk: true,
    does: setAll(['Fatima Castillo', 'Nina Weber', 'Jakob Garcia', 'Alan Tanaka', 'Mila Kowalski'], { costCenter: 'CC-777' }),
  },
  {
    id: 'another manager for all who report to one',
    says: 'Make Zoe Dubois the manager of everyone who reports to Emeka Ahmed',
    meanwhile: { at: 'write', edits: [set(helena, { title: 'Team Lead' })] },
    answers: ['yes'],
    mustAsk: true,
    does: ['Helena Park', 'Beatriz Ahmed', 'Chiara Fontaine', 'Anika Navarro'].map((name) => reportTo(name, 'Zoe Dubois')),
  },
  { id: 'nobody is meant', says: 'Deactivate everyone in Legal', does: [] },
];
