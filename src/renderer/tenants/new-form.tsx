import { Alert, Button, Group, Paper, Stack, Title } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { messageOf } from '../connection.ts';

interface Props {
  title: string;
  add: UseMutationResult<unknown, Error, void>;
  /** What the button says. */
  submit: string;
  /** Whether all is there that is needed. */
  isComplete: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A card in a list, to add something to it. */
export function NewForm({ title, add, submit, isComplete, onClose, children }: Props) {
  const canAdd = isComplete && !add.isPending;
  return (
    <Paper withBorder p="md" radius="md">
      <form
        aria-label={title}
        onSubmit={(event) => {
          event.preventDefault();
          if (canAdd) add.mutate();
        }}
      >
        <Stack gap="sm">
          <Title order={3} size="h5">
            {title}
          </Title>
          {add.error && (
            <Alert color="red" title="Not added" role="alert" py="xs">
              {messageOf(add.error)}
            </Alert>
          )}
          {children}
          <Group gap={6}>
            <Button type="submit" disabled={!canAdd} loading={add.isPending}>
              {submit}
            </Button>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
