import { ActionIcon, Button, Group, Menu, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDots, IconTrash } from '@tabler/icons-react';
import { messageOf } from '../connection.ts';
import { useDeleteGroup } from './use-group.ts';

interface Props {
  tenant: string;
  id: string;
  name: string;
  count: number | undefined;
  /** While there is something to decide first. */
  disabled: boolean;
  onDeleted: () => void;
}

/** What is done to a group more rarely. */
export function GroupMenu({ tenant, id, name, count = 0, disabled, onDeleted }: Props) {
  const remove = useDeleteGroup(tenant, id, onDeleted);
  const [asking, { open, close }] = useDisclosure(false);
  const members = count === 1 ? 'Its member stays' : `Its ${count.toLocaleString('en')} members stay`;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More">
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} disabled={disabled} onClick={open}>
            Delete this group …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={close} title="Delete this group?" centered>
        <Text size="sm" className="wraps">
          <strong>{name}</strong> is deleted. {count === 0 ? 'It has no members.' : `${members} in the directory.`} You can undo
          it right away.
        </Text>
        {remove.data === false && (
          <Text size="sm" role="alert" mt="xs">
            Somebody has just changed this group. Look at it again, then decide.
          </Text>
        )}
        {remove.error && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)" mt="xs">
            {messageOf(remove.error)}
          </Text>
        )}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
            Delete
          </Button>
        </Group>
      </Modal>
    </>
  );
}
