/** One person, one or a few fields; the administrator changes something else, or somebody else. */
import { addPerson, join, open, remove, reportTo, set } from './edits.ts';
import type { Task } from './task.ts';

const helena = 'Helena Park';
const phone = set(helena, { 'phoneNumbers[work].value': '+1 416 555 0000' });
const lead = set(helena, { title: 'Team Lead' });

export const fields: Task[] = [
  {
    id: 'title, while the phone changes',
    says: "Set Helena Park's title to Account Executive",
    or: ['Please change the title of Helena Park to “Account Executive”.', 'Promote Helena Park to Account Executive'],
    meanwhile: { at: 'write', edits: [phone] },
    does: [set(helena, { title: 'Account Executive' })],
  },
  {
    id: 'department, while the title changes',
    says: 'Move Helena Park to Marketing',
    or: ["Change Helena Park's department to Marketing", 'Helena Park is now in Marketing'],
    meanwhile: { at: 'write', edits: [lead] },
    does: [set(helena, { department: 'Marketing' })],
  },
  {
    id: 'status, while the manager changes',
    says: 'Deactivate Helena Park',
    or: ['Disable the account of Helena Park'],
    meanwhile: { at: 'write', edits: [reportTo(helena, 'Omar Kato')] },
    does: [set(helena, { active: false })],
  },
  {
    id: 'two fields at once',
    says: "Set Helena Park's title to Buyer and department to Operations",
    or: ['Change the title of Helena Park to Buyer and her department to Operations'],
    meanwhile: { at: 'write', edits: [set(helena, { nickName: 'Len' })] },
    does: [set(helena, { title: 'Buyer', department: 'Operations' })],
  },
  {
    id: 'a mobile phone is added, while the work phone changes',
    says: 'Add a mobile phone +1 555 010 to Helena Park',
    or: ["Set Helena Park's mobile phone to +1 555 010", 'Give Helena Park a mobile phone +1 555 010'],
    meanwhile: { at: 'write', edits: [phone] },
    does: [set(helena, { 'phoneNumbers[mobile].value': '+1 555 010' })],
  },
  {
    id: 'an email address is removed, while the title changes',
    says: "Remove Helena Park's home email",
    or: ['Delete the home email of Helena Park'],
    meanwhile: { at: 'write', edits: [lead] },
    does: [set(helena, { 'emails[home].value': undefined })],
  },
  {
    id: 'an email address is replaced, while another one changes',
    says: "Set Helena Park's home email to helena@new.example",
    meanwhile: { at: 'write', edits: [set(helena, { 'emails[work].value': 'h.park@northwind.example' })] },
    does: [set(helena, { 'emails[home].value': 'helena@new.example' })],
  },
  {
    id: 'the city of an address, while its country changes',
    says: "Change Helena Park's city to Porto",
    meanwhile: { at: 'write', edits: [set(helena, { 'addresses[work].country': 'PT' })] },
    does: [set(helena, { 'addresses[work].locality': 'Porto' })],
  },
  {
    id: 'the cost center, while the division changes',
    says: "Set Helena Park's cost center to CC-900",
    or: ['Give Helena Park the cost center CC-900'],
    meanwhile: { at: 'write', edits: [set(helena, { division: 'Americas' })] },
    does: [set(helena, { costCenter: 'CC-900' })],
  },
  {
    id: 'the employee number',
    says: "Set Helena Park's employee number to 77001",
    does: [set(helena, { employeeNumber: '77001' })],
  },
  {
    id: 'the manager, while the title changes',
    says: 'Make Omar Kato the manager of Helena Park',
    or: ["Set Helena Park's manager to Omar Kato", 'Helena Park reports to Omar Kato now'],
    meanwhile: { at: 'write', edits: [lead] },
    does: [reportTo(helena, 'Omar Kato')],
  },
  {
    id: 'no manager any more',
    says: "Clear Helena Park's manager",
    or: ['Remove the manager of Helena Park'],
    meanwhile: { at: 'write', edits: [phone] },
    does: [set(helena, { 'manager.value': undefined })],
  },
  {
    id: 'a rename, while the title changes',
    says: 'Rename Grace Vance to Grace Hopper',
    meanwhile: { at: 'write', edits: [set('Grace Vance', { title: 'Rear Admiral' })] },
    does: [
      set('Grace Vance', { displayName: 'Grace Hopper', 'name.familyName': 'Hopper' }),
      open('Grace Vance', 'name.formatted'),
    ],
  },
  {
    id: 'a nickname is cleared, while the title changes',
    says: "Clear Helena Park's nickname",
    before: (world) => world.set(helena, { nickName: 'Len' }),
    meanwhile: { at: 'write', edits: [lead] },
    does: [set(helena, { nickName: undefined })],
  },
  {
    id: 'two requests in one sentence',
    says: "Set Helena Park's title to Solutions Engineer and add her to On call",
    meanwhile: { at: 'write', edits: [join('On call', 'Grace Vance')] },
    does: [set(helena, { title: 'Solutions Engineer' }), join('On call', helena)],
  },
  {
    id: 'somebody comes back, while the department changes',
    says: 'Reactivate Nina Olsen',
    or: ['Enable Nina Olsen'],
    meanwhile: { at: 'write', edits: [set('Nina Olsen', { department: 'Operations' })] },
    does: [set('Nina Olsen', { active: true })],
  },
  {
    id: 'the person who is open, while the phone changes',
    says: 'Change her title to Sales Lead',
    or: ['Set the title of this person to Sales Lead'],
    open: helena,
    meanwhile: { at: 'write', edits: [phone] },
    does: [set(helena, { title: 'Sales Lead' })],
  },
  {
    id: 'a new person, while another one is added',
    says: 'Create Ida Lovelace, ida.lovelace@northwind.example, title Analyst in Finance',
    or: ['Add a new user Ida Lovelace ida.lovelace@northwind.example as Analyst in Finance'],
    meanwhile: { at: 'write', edits: [addPerson({ userName: 'sam.other@northwind.example', displayName: 'Sam Other' })] },
    does: [
      addPerson({
        userName: 'ida.lovelace@northwind.example',
        'name.givenName': 'Ida',
        'name.familyName': 'Lovelace',
        title: 'Analyst',
        department: 'Finance',
      }),
    ],
  },
  {
    id: 'a new person whom somebody else adds first',
    says: 'Create Ida Lovelace, ida.lovelace@northwind.example',
    meanwhile: { at: 'write', edits: [addPerson({ userName: 'ida.lovelace@northwind.example', displayName: 'Ida L.' })] },
    does: [],
  },
  {
    id: 'what is so already',
    says: "Set Helena Park's department to Sales",
    does: [],
  },
  {
    id: 'somebody who is deleted before the change arrives',
    says: "Set Helena Park's title to Account Executive",
    or: ['Deactivate Helena Park'],
    meanwhile: { at: 'write', edits: [remove(helena)] },
    does: [],
  },
];
