import { ActionIcon, Button, Group, Menu, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDots, IconTrash } from '@tabler/icons-react';
import { messageOf } from '../connection.ts';
import { useDelete } from './use-save.tsx';

interface Props {
  tenant: string;
  id: string;
  name: string;
  /** While there is something to decide first. */
  disabled: boolean;
  onDeleted: () => void;
}

/** What is done to a person more rarely. */
export function PersonMenu({ tenant, id, name, disabled, onDeleted }: Props) {
  const remove = useDelete(tenant, id, onDeleted);
  const [asking, { open, close }] = useDisclosure(false);
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
            Delete this person …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={close} title="Delete this person?" centered>
        <Text size="sm" className="wraps">
          <strong>{name}</strong> will be deleted. You can undo it right away, and the history keeps the record.
        </Text>
        {remove.error && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)" mt="xs">
            {messageOf(remove.error)}
          </Text>
        )}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate(undefined, { onSuccess: close })}>
            Delete
          </Button>
        </Group>
      </Modal>
    </>
  );
}
