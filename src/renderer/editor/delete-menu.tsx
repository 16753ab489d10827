import { ActionIcon, Button, Group, Menu, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDots, IconTrash } from '@tabler/icons-react';
import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { messageOf } from '../connection.ts';

interface Props {
  what: 'person' | 'group';
  /** While there is something to decide first. */
  disabled: boolean;
  /** Answers whether it was deleted; not where somebody has changed it since it was shown. */
  remove: UseMutationResult<boolean, Error, void>;
  /** What goes and what stays. */
  children: ReactNode;
}

/** What is done to a person or group more rarely. */
export function DeleteMenu({ what, disabled, remove, children }: Props) {
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
            Delete this {what} …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={close} title={`Delete this ${what}?`} centered>
        <Text size="sm" className="wraps">
          {children}
        </Text>
        {remove.data === false && (
          <Text size="sm" role="alert" mt="xs">
            Somebody has just changed this {what}. Look at it again, then decide.
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
