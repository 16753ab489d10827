import { Button, Center, Stack, Text } from '@mantine/core';
import { messageOf } from './connection.ts';

/** Where a list would be that could not be read. */
export function ListFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Center p="xl">
      <Stack align="center">
        <Text size="sm" ta="center" role="alert">
          {messageOf(error)}
        </Text>
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      </Stack>
    </Center>
  );
}
