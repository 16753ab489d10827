import { config, fromJSONSchema } from 'zod';
import type { Field, Values } from './form-fields.ts';

// The page's content security policy lets nothing compile code at run time.
config({ jitless: true });

type Issue = NonNullable<ReturnType<ReturnType<typeof fromJSONSchema>['safeParse']>['error']>['issues'][number];

/** @returns what is wrong with an answer, by field, in words for people; empty when it can be sent. */
export function problemsOf(schema: Record<string, unknown>, fields: readonly Field[], answer: Values): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const { name, isRequired, kind } of fields) {
    const value = answer[name];
    if (isRequired && value === undefined) problems[name] = kind === 'one' ? 'Choose one.' : 'Fill this in.';
  }
  let result;
  try {
    result = fromJSONSchema(schema).safeParse(answer);
  } catch {
    // A schema that says something unknown is judged by who has sent it.
    return problems;
  }
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0] ?? '');
    if (fields.some((field) => field.name === name))
      problems[name] ??= wordsOf(
        issue,
        fields.find((field) => field.name === name),
      );
  }
  return problems;
}

function wordsOf(issue: Issue, field: Field | undefined): string {
  const isList = field?.kind === 'several';
  switch (issue.code) {
    case 'too_small':
      if (isList) return `Choose at least ${String(issue.minimum)}.`;
      if (field?.kind === 'number')
        return `Must be ${issue.inclusive === false ? 'more than' : 'at least'} ${String(issue.minimum)}.`;
      return `Write at least ${count(Number(issue.minimum))}.`;
    case 'too_big':
      if (isList) return `Choose at most ${String(issue.maximum)}.`;
      if (field?.kind === 'number')
        return `Must be ${issue.inclusive === false ? 'less than' : 'at most'} ${String(issue.maximum)}.`;
      return `Write at most ${count(Number(issue.maximum))}.`;
    case 'invalid_format':
      if (field?.kind === 'email') return 'This is not an email address. One looks like name@example.com.';
      if (field?.kind === 'address') return 'This is not an address. One looks like https://example.com.';
      if (field?.kind === 'date') return 'This is not a date.';
      if (field?.kind === 'moment') return 'This is not a date with a time.';
      return 'This does not have the form that is asked for.';
    case 'invalid_type':
      return field?.kind === 'number' ? (field.isWhole ? 'Must be a whole number.' : 'Must be a number.') : 'Fill this in.';
    case 'invalid_value':
    case 'invalid_union':
      return 'Choose one of these.';
    case 'not_multiple_of':
      return `Must be a multiple of ${issue.divisor}.`;
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return issue.message;
  }
}

function count(characters: number): string {
  return `${characters.toLocaleString('en')} ${characters === 1 ? 'character' : 'characters'}`;
}
