import { expect, test } from 'vitest';
import { problemsOf } from './check-form.ts';
import { answerOf, fieldsOf, initialValues } from './form-fields.ts';

const schema = {
  type: 'object',
  properties: {
    reporter_name: { type: 'string', title: 'Your name', description: 'As others know you', minLength: 2, maxLength: 40 },
    email: { type: 'string', format: 'email' },
    page: { type: 'string', format: 'uri' },
    day: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    priority: { type: 'string', enum: ['low', 'high'], enumNames: ['Low', 'High'], default: 'low' },
    colour: { type: 'string', oneOf: [{ const: '#f00', title: 'Red' }, { const: '#0f0' }] },
    days: { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string', enum: ['mo', 'tu', 'we'] } },
    seats: { type: 'integer', minimum: 1, maximum: 9 },
    share: { type: 'number', minimum: 0 },
    urgent: { type: 'boolean' },
    tags: { type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] } },
  },
  required: ['reporter_name', 'priority', 'days'],
};
const fields = fieldsOf(schema);
const check = (values: Record<string, unknown>) => problemsOf(schema, fields, answerOf(fields, values));

test('a schema of plain fields becomes a form', () => {
  expect(fields.map(({ name, label, kind, isRequired }) => [name, label, kind, isRequired])).toEqual([
    ['reporter_name', 'Your name', 'text', true],
    ['email', 'Email', 'email', false],
    ['page', 'Page', 'address', false],
    ['day', 'Day', 'date', false],
    ['at', 'At', 'moment', false],
    ['priority', 'Priority', 'one', true],
    ['colour', 'Colour', 'one', false],
    ['days', 'Days', 'several', true],
    ['seats', 'Seats', 'number', false],
    ['share', 'Share', 'number', false],
    ['urgent', 'Urgent', 'yes-no', false],
    ['tags', 'Tags', 'several', false],
  ]);
  expect(fields[5]).toMatchObject({
    options: [
      { value: 'low', label: 'Low' },
      { value: 'high', label: 'High' },
    ],
  });
  expect(fields[6]).toMatchObject({
    options: [
      { value: '#f00', label: 'Red' },
      { value: '#0f0', label: '#0f0' },
    ],
  });
});

test('defaults stand until something else was filled in, and only what is filled in is sent', () => {
  expect(initialValues(schema, undefined)).toEqual({ priority: 'low', urgent: false });
  expect(initialValues(schema, { priority: 'high', reporter_name: 'A' })).toEqual({
    reporter_name: 'A',
    priority: 'high',
    urgent: false,
  });
  const answer = answerOf(fields, {
    reporter_name: 'Ada',
    email: '',
    tags: [],
    days: ['mo'],
    at: '2026-11-21T10:00Z',
    urgent: false,
  });
  expect(answer).toEqual({ reporter_name: 'Ada', days: ['mo'], at: '2026-11-21T10:00:00.000Z', urgent: false });
});

test('what is wrong is said at its field, in words', () => {
  expect(check({ reporter_name: 'Ada', priority: 'low', days: ['mo'], seats: 3, at: '2026-11-21T10:00Z' })).toEqual({});
  expect(check({})).toEqual({ reporter_name: 'Fill this in.', priority: 'Choose one.', days: 'Fill this in.' });
  expect(
    check({
      reporter_name: 'A',
      email: 'ada',
      page: 'nowhere',
      day: 'tomorrow',
      at: 'later',
      priority: 'none',
      days: ['mo', 'tu', 'we'],
      seats: 1.5,
      share: -1,
    }),
  ).toEqual({
    reporter_name: 'Write at least 2 characters.',
    email: 'This is not an email address. One looks like name@example.com.',
    page: 'This is not an address. One looks like https://example.com.',
    day: 'This is not a date.',
    at: 'This is not a date with a time.',
    priority: 'Choose one of these.',
    days: 'Choose at most 2.',
    seats: 'Must be a whole number.',
    share: 'Must be at least 0.',
  });
  expect(check({ reporter_name: 'Ada', priority: 'low', days: [], seats: 10 })).toEqual({
    days: 'Choose at least 1.',
    seats: 'Must be at most 9.',
  });
});

test('a schema that is not understood is left to who sent it', () => {
  const odd = { type: 'object', properties: { a: { type: 'thing' } }, required: ['a'] };
  expect(problemsOf(odd, fieldsOf(odd), {})).toEqual({ a: 'Fill this in.' });
  expect(problemsOf(odd, fieldsOf(odd), { a: 'x' })).toEqual({});
  expect(fieldsOf({})).toEqual([]);
});
