import { Button, Center, Stack, Text } from '@mantine/core';

interface Props {
  search: string;
  filter: string;
  onNew: () => void;
  onClearFilter: () => void;
}

/** What the table says where it has no rows. */
export function Empty({ search, filter, onNew, onClearFilter }: Props) {
  const isAll = search === '' && filter === '';
  return (
    <Center p="xl">
      <Stack align="center" gap="sm">
        <Text size="sm" ta="center">
          {isAll
            ? 'Nobody is here yet.'
            : search === ''
              ? 'No one matches this filter.'
              : filter === ''
                ? `Nobody matches “${search}”.`
                : `Nobody who matches this filter matches “${search}”.`}
        </Text>
        {isAll && (
          <Button variant="default" onClick={onNew}>
            Add the first person
          </Button>
        )}
        {filter !== '' && (
          <Button variant="default" onClick={onClearFilter}>
            Clear the filter
          </Button>
        )}
      </Stack>
    </Center>
  );
}
