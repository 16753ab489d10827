import { enterpriseUrn } from '../record.ts';
import type { Context, GroupName, Intent, Who } from './intent.ts';

/** Of the manager's id; in a sentence they are named as a person. */
export const managerPath = `${enterpriseUrn}:manager.value`;

/** What people call fields, and the SCIM paths of these. */
export const fieldWords: Record<string, string> = {
  'job title': 'title',
  title: 'title',
  role: 'title',
  department: `${enterpriseUrn}:department`,
  team: `${enterpriseUrn}:department`,
  division: `${enterpriseUrn}:division`,
  'cost center': `${enterpriseUrn}:costCenter`,
  'cost centre': `${enterpriseUrn}:costCenter`,
  organization: `${enterpriseUrn}:organization`,
  organisation: `${enterpriseUrn}:organization`,
  'employee number': `${enterpriseUrn}:employeeNumber`,
  'employee id': `${enterpriseUrn}:employeeNumber`,
  manager: 'manager',
  boss: 'manager',
  'work phone': 'phoneNumbers[type eq "work"].value',
  'mobile phone': 'phoneNumbers[type eq "mobile"].value',
  'mobile number': 'phoneNumbers[type eq "mobile"].value',
  'home phone': 'phoneNumbers[type eq "home"].value',
  'phone number': 'phoneNumbers[type eq "work"].value',
  fax: 'phoneNumbers[type eq "fax"].value',
  mobile: 'phoneNumbers[type eq "mobile"].value',
  phone: 'phoneNumbers[type eq "work"].value',
  'work email': 'emails[type eq "work"].value',
  'home email': 'emails[type eq "home"].value',
  'private email': 'emails[type eq "home"].value',
  'other email': 'emails[type eq "other"].value',
  'email address': 'emails[type eq "work"].value',
  email: 'emails[type eq "work"].value',
  nickname: 'nickName',
  'display name': 'displayName',
  'user name': 'userName',
  username: 'userName',
  login: 'userName',
  'given name': 'name.givenName',
  'first name': 'name.givenName',
  'family name': 'name.familyName',
  'last name': 'name.familyName',
  surname: 'name.familyName',
  'home street': 'addresses[type eq "home"].streetAddress',
  'home city': 'addresses[type eq "home"].locality',
  'home address': 'addresses[type eq "home"].formatted',
  'work address': 'addresses[type eq "work"].formatted',
  'postal code': 'addresses[type eq "work"].postalCode',
  'zip code': 'addresses[type eq "work"].postalCode',
  street: 'addresses[type eq "work"].streetAddress',
  city: 'addresses[type eq "work"].locality',
  country: 'addresses[type eq "work"].country',
  language: 'preferredLanguage',
  locale: 'locale',
  timezone: 'timezone',
  'time zone': 'timezone',
  status: 'active',
  'user type': 'userType',
  type: 'userType',
  name: 'name',
};

/** A pattern of all of them, the longest first. */
export const fieldPattern = Object.keys(fieldWords)
  .toSorted((a, b) => b.length - a.length)
  .join('|');

/** @returns the SCIM path of what a person calls a field. */
export function pathOf(word: string): string {
  return fieldWords[word.toLowerCase()] ?? word;
}

const pronoun =
  /^(?:this|that|this (?:user|person|one)|the (?:open |selected |current )?(?:user|person)|him|her|them|it|his|their|its|she|he|they)$/i;
const groupPronoun = /^(?:it|this|that|(?:this|that|the) group)$/i;
export const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** @returns whom the words mean; undefined where nobody is named or open. */
export function whoOf(words: string | undefined, { who }: Context): Who | undefined {
  const text = unquote((words ?? '').replace(/^(?:the )?(?:user|person|account) (?:of )?/i, '').replace(/'s$/, ''));
  const id = uuid.exec(text)?.[0];
  if (id !== undefined) return { id };
  if (pronoun.test(text) || /^(?:user|person)$/i.test(text)) return who;
  return text === '' ? undefined : { name: text };
}

/** @returns which group the words mean. */
export function groupOf(words: string | undefined, context: Context): GroupName | undefined {
  const text = (words ?? '').trim();
  if (groupPronoun.test(text)) return context.group;
  const id = uuid.exec(text)?.[0];
  if (id !== undefined) return { id };
  const bare = text.replace(/^the /i, '').replace(/^group (?:called |named )?/i, '');
  const name = unquote(bare === text ? bare : bare.replace(/ group$/i, '')).replace(/ group$/i, '');
  return name === '' ? undefined : { group: name };
}

/** @returns the names in "Ada Chen, Bo Li and Cy Dee". */
export function namesIn(words: string): string[] {
  return words
    .split(/\s*,\s*(?:and\s+)?|\s+and\s+/)
    .map(unquote)
    .filter((name) => name !== '');
}

/** Does something about the one whom the words mean, or asks who that is. */
export function about(words: string | undefined, context: Context, make: (who: Who) => Intent): Intent {
  const who = whoOf(words, context);
  return who ? make(who) : nobody(words);
}

/** Says that it is not clear who is meant. */
export function nobody(words: string | undefined): Intent {
  if ((words ?? '').trim() === '') return { kind: 'unclear' };
  return { kind: 'unclear', hint: 'Nobody is open in the window. Say whom you mean, or open somebody.' };
}

/** @returns the sentence without politeness, typographic quotes and the mark at its end. */
export function tidy(text: string): string {
  return text
    .trim()
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/\s+/g, ' ')
    .replace(
      /^(?:(?:please|can you|could you|would you|i want to|i'd like to|i need to|let's|now|ok(?:ay)?,?)(?: please)? )+/i,
      '',
    )
    .replace(/(?:,? please)?[.!?]*$/i, '');
}

/** @returns the words without the quotation marks around them. */
export function unquote(text: string): string {
  return text
    .trim()
    .replace(/^["“'](.*)["”']$/, '$1')
    .trim();
}
