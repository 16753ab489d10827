import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { messageOf } from '../connection.ts';
import type { Edit, Edited } from './edit-proposal.tsx';

interface Props {
  edit: Edit;
  isAnswering: boolean;
  error: unknown;
  onApprove: () => void;
  onApproveEdited: (edited: Edited) => void;
  onDecline: (reason: string) => void;
}

const reasonMax = 500;

/** The answers: approve, edit and then approve, decline with a reason. */
export function AnswerBar({ edit, isAnswering, error, onApprove, onApproveEdited, onDecline }: Props) {
  const [declining, setDeclining] = useState(false);
  const [reason, setReason] = useState('');
  return (
    <div className="inbox-answers">
      {error !== null && error !== undefined && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)" mb="xs">
          Not done: {messageOf(error)}
        </Text>
      )}
      {declining ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onDecline(reason.trim());
          }}
        >
          <Stack gap="xs">
            <Textarea
              label="Why not?"
              description="The agent is told this."
              placeholder="For example: wait until the end of the month"
              autosize
              minRows={2}
              maxRows={6}
              maxLength={reasonMax}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-autofocus
              ref={focus}
            />
            <Group gap="xs">
              <Button type="submit" loading={isAnswering}>
                Decline
              </Button>
              <Button variant="default" onClick={() => setDeclining(false)}>
                Back
              </Button>
            </Group>
          </Stack>
        </form>
      ) : edit.isOpen ? (
        <Group gap="xs">
          <Button loading={isAnswering} disabled={!edit.edited} onClick={() => edit.edited && onApproveEdited(edit.edited)}>
            Approve with my changes
          </Button>
          <Button variant="default" onClick={edit.discard}>
            Discard my changes
          </Button>
        </Group>
      ) : (
        <Group gap="xs">
          <Button loading={isAnswering} onClick={onApprove}>
            Approve
          </Button>
          {edit.start && (
            <Button variant="default" disabled={isAnswering} onClick={edit.start}>
              Edit, then approve
            </Button>
          )}
          <Button variant="default" disabled={isAnswering} onClick={() => setDeclining(true)}>
            Decline …
          </Button>
        </Group>
      )}
    </div>
  );
}

function focus(field: HTMLTextAreaElement | null): void {
  field?.focus();
}
