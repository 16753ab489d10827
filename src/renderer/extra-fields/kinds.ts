import type { Attribute, ExtensionBreak, MemberType, Schema } from '../../directory/pure.ts';
import { textOf } from '../attribute-text.ts';
import { listOf } from '../words.ts';

/** What people call the types of values. */
export const typeWords: Record<Attribute['type'], string> = {
  string: 'Text',
  boolean: 'Yes or no',
  integer: 'Whole number',
  decimal: 'Number',
  dateTime: 'Date and time',
  reference: 'Web address',
  binary: 'Binary data (base64)',
  complex: 'Several parts',
};

/** “12 people”, “1 group”. */
export function countOf(count: number, type: MemberType): string {
  const one = type === 'User' ? 'person' : 'group';
  const many = type === 'User' ? 'people' : 'groups';
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** “Badge number, Level and 2 more” */
export function fieldsText({ attributes }: Schema): string {
  return listOf(attributes.map((attribute) => textOf(attribute).label));
}

/** What stands against a definition in the values that there are, as a sentence. */
export function breakText({ message, count }: ExtensionBreak, label: string, type: MemberType): string {
  const who = `${countOf(count, type)} ${count === 1 ? 'has' : 'have'}`;
  if (message.startsWith('Is required and missing')) return `${who} nothing in “${label}”, which is required here.`;
  if (message.startsWith('Is not an attribute')) return `${who} a value in “${label}”, which would be taken away.`;
  const rule = message.replace(/\.$/, '');
  return `${who} a value in “${label}” that does not fit: it ${rule.charAt(0).toLowerCase()}${rule.slice(1)}.`;
}
