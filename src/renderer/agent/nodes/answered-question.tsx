import { Text } from '@mantine/core';
import { IconMessageQuestion } from '@tabler/icons-react';
import type { Question } from '../../../api/index.ts';
import type { Json } from '../../../directory/pure.ts';
import { valueText } from '../../words.ts';
import { fieldsOf } from '../form/form-fields.ts';

/** A question that waits no more: what was asked, and how it ended. */
export function AnsweredQuestion({ question }: { question: Question }) {
  const answers = question.state === 'accepted' ? answersOf(question) : [];
  return (
    <div className="answered">
      <IconMessageQuestion size={16} aria-hidden />
      <div>
        <Text size="sm" c="dimmed" className="wraps question-message">
          {question.message}
        </Text>
        {answers.length > 0 ? (
          <dl className="answers">
            {answers.map(({ label, text }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd className="wraps">{text}</dd>
              </div>
            ))}
          </dl>
        ) : (
          <Text size="sm">{endOf(question)}</Text>
        )}
      </div>
    </div>
  );
}

function endOf({ state, kind, options, answer }: Question): string {
  switch (state) {
    case 'accepted': {
      if (kind === 'permission') return 'You allowed it.';
      if (kind === 'url') return 'You went there and came back.';
      const chosen = options?.find(({ value }) => value === answer?.['value']);
      return chosen ? chosen.label : 'You agreed.';
    }
    case 'declined':
      return kind === 'permission' ? 'You did not allow it.' : 'You declined.';
    case 'cancelled':
      return 'Put aside without an answer.';
    case 'expired':
      return 'Not answered in time.';
    case 'pending':
      return '';
  }
}

function answersOf({ kind, schema, answer }: Question): { label: string; text: string }[] {
  if (kind !== 'form' || !answer) return [];
  return fieldsOf(schema ?? {}).flatMap((field) => {
    const value = answer[field.name];
    if (value === undefined) return [];
    const label = field.label;
    if (field.kind === 'yes-no') return [{ label, text: value === true ? 'Yes' : 'No' }];
    const labels = field.kind === 'one' || field.kind === 'several' ? field.options : [];
    const text = [value].flat().map((one) => labels.find((option) => option.value === one)?.label ?? valueText(one as Json));
    return [{ label, text: text.join(', ') }];
  });
}
