import { Alert, Group, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  /** Why something did not work. */
  error?: string | undefined;
  children: ReactNode;
  /** Buttons. */
  actions: ReactNode;
}

/** One step of the import. Its heading gets the focus, so that the next Tab is in the step and it is read out. */
export function Step({ title, error, children, actions }: Props) {
  return (
    <Stack gap="md">
      <Title order={3} size="h4" tabIndex={-1} className="transfer-title" ref={(heading) => heading?.focus()}>
        <bdi>{title}</bdi>
      </Title>
      {error !== undefined && (
        <Alert color="red" role="alert">
          {error}
        </Alert>
      )}
      {children}
      <Group justify="end" gap="xs">
        {actions}
      </Group>
    </Stack>
  );
}
