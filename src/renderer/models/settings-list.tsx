import { Button, Loader, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { messageOf } from '../connection.ts';

interface Props<T> {
  query: { data: readonly T[] | undefined; error: unknown; refetch: () => unknown };
  label: string;
  empty: string;
  children: (one: T) => ReactNode;
}

/** What has been set up; or that it is read, cannot be read, or that there is nothing yet. */
export function SettingsList<T>({ query: { data, error, refetch }, label, empty, children }: Props<T>) {
  if (error)
    return (
      <Stack gap="xs" align="flex-start">
        <Text size="sm" role="alert">
          {messageOf(error)}
        </Text>
        <Button variant="default" size="compact-sm" onClick={() => void refetch()}>
          Try again
        </Button>
      </Stack>
    );
  if (!data) return <Loader size="sm" aria-label="Loading" />;
  if (data.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {empty}
      </Text>
    );
  return (
    <ul className="settings-list" aria-label={label}>
      {data.map(children)}
    </ul>
  );
}
