import fc from 'fast-check';
import { expect, test } from 'vitest';
// The form is held against what the directory takes, which is not for the window itself: it would bring zod.
// oxlint-disable-next-line no-restricted-imports
import { checkExtension } from '../../directory/extension.ts';
import { userSchemas, type Attribute, type Schema } from '../../directory/pure.ts';
import { descriptionOf, textOf } from '../attribute-text.ts';
import { fromSchema, isComplete, mergeSchemas, newField, placeOf, suggestName, suggestUrn, toSchema } from './section-form.ts';

const urn = 'urn:tandem:default:badges:2.0:User';
const schemaOf = (...attributes: { name: string; [member: string]: unknown }[]): Schema => {
  const { schema, issues } = checkExtension(userSchemas, { id: urn, name: 'Badges', attributes });
  if (!schema) throw new Error(JSON.stringify(issues));
  return schema;
};

test('a label suggests a name that a program can use', () => {
  expect(suggestName('Badge number')).toBe('badgeNumber');
  expect(suggestName('  Größe (EU) ')).toBe('grosseEu');
  expect(suggestName('2nd phone')).toBe('n2ndPhone');
  expect(suggestName('部署')).toBe('');
});

test('whatever is suggested can be used', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (label) => {
      const name = suggestName(label);
      const proposal = { id: suggestUrn('default', 'User', label), name: 'x', attributes: [{ name: name || 'x' }] };
      const { issues } = checkExtension(userSchemas, proposal);
      expect(issues.filter(({ message }) => !/already|reserved/.test(message))).toEqual([]);
    }),
  );
});

test('label and help are read from a description as they were written into it', () => {
  expect(textOf({ name: 'badgeNumber', description: 'Printed on the badge.' })).toEqual({
    label: 'Badge number',
    help: 'Printed on the badge.',
  });
  expect(textOf({ name: 'size', description: 'Größe\nNach EU.' })).toEqual({ label: 'Größe', help: 'Nach EU.' });
  const line = fc.string({ maxLength: 80 }).map((text) => text.trim());
  fc.assert(
    fc.property(line, line, (label, help) => {
      fc.pre(textOf({ name: 'x', description: label }).label === label);
      expect(textOf({ name: 'x', description: descriptionOf('x', { label, help }) })).toEqual({ label, help });
    }),
  );
});

const simple = fc.record({
  type: fc.constantFrom('string', 'integer', 'reference', 'boolean', 'dateTime'),
  description: fc.constantFrom('', 'Label', 'A sentence.', 'Label\nHelp.', 'Badge'),
  required: fc.boolean(),
  multiValued: fc.boolean(),
  caseExact: fc.boolean(),
});
const attributes = fc.array(fc.tuple(simple, fc.array(simple, { minLength: 1, maxLength: 2 }), fc.boolean()), {
  minLength: 1,
  maxLength: 4,
});

test('a form makes the schema from which it was made', () => {
  fc.assert(
    fc.property(attributes, (all) => {
      const named = <T>(list: T[]) => list.map((one, index) => ({ ...one, name: `field${index}` }));
      const list = named(
        all.map(([one, parts, isComplex]) => (isComplex ? { ...one, type: 'complex', subAttributes: named(parts) } : one)),
      );
      const schema = schemaOf(...list);
      const form = fromSchema(schema);
      expect(isComplete(form)).toBe(true);
      expect(checkExtension(userSchemas, toSchema(form, 'other', 'Group')).schema).toEqual(schema);
    }),
  );
});

test('what is new is named by its label, and must have one', () => {
  const field = { ...newField(), label: 'Badge number', choices: ['a'] };
  const form = { name: 'Badges', description: '', fields: [field] };
  expect(toSchema(form, 'northwind', 'User')).toMatchObject({
    id: 'urn:tandem:northwind:badges:2.0:User',
    attributes: [{ name: 'badgeNumber', description: '', canonicalValues: ['a'] }],
  });
  expect(isComplete({ ...form, fields: [newField()] })).toBe(false);
  expect(isComplete({ ...form, fields: [{ ...field, type: 'complex' }] })).toBe(false);
  expect(isComplete({ ...form, fields: [] })).toBe(false);
});

test('changes of different fields are merged; of the same field one side is chosen', () => {
  const base = schemaOf({ name: 'badge' }, { name: 'level' }, { name: 'old' });
  const names = ({ attributes }: Schema) => attributes.map(({ name, type }: Attribute) => `${name} ${type}`);
  const mine = schemaOf({ name: 'badge', type: 'integer' }, { name: 'level' }, { name: 'old' }, { name: 'new' });
  const theirs = { ...schemaOf({ name: 'badge' }, { name: 'level', type: 'integer' }, { name: 'other' }), name: 'Passes' };
  const { merged, collisions } = mergeSchemas(base, mine, theirs, 'theirs');
  expect(collisions).toEqual([]);
  expect(merged.name).toBe('Passes');
  expect(names(merged)).toEqual(['badge integer', 'level integer', 'new string', 'other string']);
  const against = schemaOf({ name: 'badge', type: 'boolean' }, { name: 'level' }, { name: 'old' });
  for (const [side, type] of [
    ['mine', 'integer'],
    ['theirs', 'boolean'],
  ] as const) {
    const { merged, collisions } = mergeSchemas(base, mine, against, side);
    expect(collisions).toEqual([{ attribute: 'badge', part: 'fields' }]);
    expect(names(merged)[0]).toBe(`badge ${type}`);
  }
});

test('what is wrong is found in the form', () => {
  expect(placeOf('id')).toEqual({ member: 'id' });
  expect(placeOf('attributes[2]')).toEqual({ field: 2, member: 'name' });
  expect(placeOf('attributes[2].subAttributes[1].type')).toEqual({ field: 2, part: 1, member: 'type' });
});
