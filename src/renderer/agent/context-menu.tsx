import { ActionIcon, Button, Group, Menu, Modal, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconDownload, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Context } from '../../api/index.ts';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { download } from '../download.ts';
import { openConversation } from './current.ts';
import { fileNameOf, markdownOf } from './export-text.ts';

interface Props {
  tenant: string;
  context: Context;
  label: string;
  /** Whether it begins open. */
  isOpen?: boolean;
  onRename: () => void;
}

/** The menu gives the focus back to where it was when it closes; a field that takes it comes after that. */
const closesMs = 200;

/** What can be done with a conversation as a whole. */
export function ContextMenu({ tenant, context, label, isOpen = false, onRename }: Props) {
  const [isDeleting, setDeleting] = useState(false);
  const save = async (format: 'md' | 'json') => {
    try {
      const whole = await client.assistant.get.query({ tenant, id: context.id });
      const text = format === 'md' ? markdownOf(whole) : JSON.stringify(whole, undefined, 2);
      const type = format === 'md' ? 'text/markdown' : 'application/json';
      download(new Blob([text], { type }), `${fileNameOf(context.title)}.${format}`);
    } catch (error) {
      notifications.show({ color: 'red', title: 'The conversation was not exported', message: messageOf(error) });
    }
  };
  return (
    <>
      <Menu position="bottom-end" withinPortal defaultOpened={isOpen}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setTimeout(onRename, closesMs)}>
            Rename
          </Menu.Item>
          <Menu.Item leftSection={<IconDownload size={16} aria-hidden />} onClick={() => void save('md')}>
            Export as text (Markdown)
          </Menu.Item>
          <Menu.Item leftSection={<IconDownload size={16} aria-hidden />} onClick={() => void save('json')}>
            Export everything (JSON)
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setDeleting(true)}>
            Delete …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isDeleting && <DeleteDialog tenant={tenant} context={context} onClose={() => setDeleting(false)} />}
    </>
  );
}

function DeleteDialog({ tenant, context, onClose }: { tenant: string; context: Context; onClose: () => void }) {
  const remove = useMutation({
    mutationFn: () => client.assistant.remove.mutate({ tenant, id: context.id }),
    onSuccess: () => {
      onClose();
      openConversation(tenant);
      void queryClient.invalidateQueries(trpc.assistant.list.pathFilter());
    },
  });
  return (
    <Modal opened onClose={onClose} title="Delete this conversation?" size="sm">
      <Text size="sm" className="wraps">
        “<bdi>{context.title || 'Untitled'}</bdi>” goes for good, and what runs in it is stopped. What the agent has changed in
        the directory stays, and can still be undone in its history.
      </Text>
      {remove.error && (
        <Text size="sm" mt="xs" role="alert" c="var(--mantine-color-error)">
          {messageOf(remove.error)}
        </Text>
      )}
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep
        </Button>
        <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
          Delete
        </Button>
      </Group>
    </Modal>
  );
}
