import { Button, Center, Group, Stack, Text } from '@mantine/core';
import { useTransfer } from '../transfer/transfer.tsx';

interface Props {
  search: string;
  filter: string;
  onNew: () => void;
  onClearFilter: () => void;
}

/** What the table says where it has no rows. */
export function Empty({ search, filter, onNew, onClearFilter }: Props) {
  const { openImport } = useTransfer();
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
          <Group gap="xs" justify="center">
            <Button variant="default" onClick={onNew}>
              Add the first person
            </Button>
            <Button variant="default" onClick={() => openImport({ kind: 'users' })}>
              Import people
            </Button>
          </Group>
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
