import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { memo } from 'react';
import type { Question } from '../../../api/index.ts';
import { client, faultOf, messageOf } from '../../connection.ts';
import { ElicitedForm } from '../form/elicited-form.tsx';
import { endFormDraft, formDraft, keepFormDraft } from '../form/form-drafts.ts';
import { AnsweredQuestion } from './answered-question.tsx';
import { PermissionQuestion } from './permission-question.tsx';
import { UrlQuestion } from './url-question.tsx';

/** What the person answers, as src/api/assistant.ts takes it. */
export interface Given {
  action: 'accept' | 'decline' | 'cancel';
  content?: Record<string, unknown>;
  scope?: 'once' | 'conversation' | 'always';
}

interface Props {
  tenant: string;
  contextId: string;
  question: Question;
}

/** What a run asks in the middle of its work. It waits until it is answered. */
export const QuestionCard = memo(function QuestionCard({ tenant, contextId, question }: Props) {
  const answer = useMutation({
    mutationFn: (given: Given) => client.assistant.answer.mutate({ tenant, id: contextId, questionId: question.id, ...given }),
  });
  if (question.state !== 'pending') return <AnsweredQuestion question={question} />;
  const give = (given: Given) => {
    endFormDraft(question.id);
    answer.mutate(given);
  };
  const isSending = answer.isPending || answer.isSuccess;
  const fault = answer.error && { field: faultOf(answer.error)?.field, message: messageOf(answer.error) };
  return (
    <Paper
      withBorder
      radius="md"
      p="sm"
      className="question"
      data-question={question.id}
      tabIndex={-1}
      role="group"
      aria-label={`Question: ${question.message}`}
    >
      <Stack gap="xs">
        <div>
          <Text size="xs" c="dimmed">
            {askerOf(question)}
          </Text>
          <Text size="sm" fw={600} className="wraps question-message">
            {question.message}
          </Text>
        </div>
        {question.kind === 'form' && (
          <ElicitedForm
            schema={question.schema ?? {}}
            draft={formDraft(question)}
            isSending={isSending}
            refusal={fault ?? undefined}
            onDraft={(draft) => keepFormDraft({ tenant, id: contextId, questionId: question.id, draft })}
            onAccept={(content) => give({ action: 'accept', content })}
            onDecline={() => give({ action: 'decline' })}
            onPutAside={() => give({ action: 'cancel' })}
          />
        )}
        {question.kind === 'url' && <UrlQuestion question={question} isSending={isSending} onAnswer={give} />}
        {question.kind === 'permission' && (
          <PermissionQuestion tenant={tenant} question={question} isSending={isSending} onAnswer={give} />
        )}
        {question.kind === 'choice' && (
          <Stack gap={6}>
            {(question.options ?? []).map(({ label, value }) => (
              <Button
                key={value}
                variant="default"
                size="compact-sm"
                className="option"
                disabled={isSending}
                onClick={() => give({ action: 'accept', content: { value } })}
              >
                {label}
              </Button>
            ))}
            <Group>
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                disabled={isSending}
                onClick={() => give({ action: 'cancel' })}
              >
                None of these
              </Button>
            </Group>
          </Stack>
        )}
        {fault && question.kind !== 'form' && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {fault.message}
          </Text>
        )}
      </Stack>
    </Paper>
  );
});

function askerOf({ from, kind }: Question): string {
  if (kind === 'permission') return 'The agent asks for your permission';
  if (from === 'agent') return 'The agent asks';
  return from.toLowerCase() === 'tandem' ? 'Tandem asks' : `The server “${from}” asks`;
}
