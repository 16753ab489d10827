import { Text } from '@mantine/core';

/** What is wrong with a group of fields. */
export function FieldError({ error }: { error: string | undefined }) {
  return (
    error !== undefined && (
      <Text size="xs" role="alert" c="var(--mantine-color-error)" mt={4}>
        {error}
      </Text>
    )
  );
}
