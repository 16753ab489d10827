import { ActionIcon, Button, Loader, Stack, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDots, IconSearch, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState, type KeyboardEvent } from 'react';
import type { Context, Task } from '../../api/index.ts';
import { Ago } from '../ago.tsx';
import { messageOf, trpc } from '../connection.ts';
import { ContextMenu } from './context-menu.tsx';
import { RenameForm } from './rename-form.tsx';
import { RunningTasks } from './running-tasks.tsx';
import { useRunning } from './use-running.ts';

interface Props {
  tenant: string;
  openId: string | undefined;
  onOpen: (id: string) => void;
}

const searchAfterMs = 200;

/** All conversations of the person in a tenant, the last used first, and what runs in them. */
export function ConversationList({ tenant, openId, onOpen }: Props) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), searchAfterMs);
  const list = useQuery({
    ...trpc.assistant.list.queryOptions({ tenant, ...(search !== '' && { search }) }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const running = useRunning(tenant);
  const [renaming, setRenaming] = useState<string>();
  const [menuOf, setMenuOf] = useState<string>();
  const rows = useRef<HTMLUListElement>(null);
  const found = list.data ?? [];
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    const buttons = [...(rows.current?.querySelectorAll<HTMLElement>('.conversation-open') ?? [])];
    const next = buttons[buttons.indexOf(document.activeElement as HTMLElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div className="scroll conversation-list" onKeyDown={onKeyDown}>
      <RunningTasks tenant={tenant} tasks={running} contexts={found} onOpen={onOpen} />
      <TextInput
        mx="md"
        mb="xs"
        aria-label="Search conversations"
        placeholder="Search titles and texts"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          typed !== '' && (
            <ActionIcon variant="subtle" color="gray" aria-label="Clear the search" onClick={() => setTyped('')}>
              <IconX size={16} aria-hidden />
            </ActionIcon>
          )
        }
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      <VisuallyHidden role="status">
        {search !== '' && list.isSuccess ? `${found.length} ${found.length === 1 ? 'conversation' : 'conversations'} found` : ''}
      </VisuallyHidden>
      {list.error ? (
        <Stack px="md" gap="xs" align="flex-start">
          <Text size="sm" role="alert">
            {messageOf(list.error)}
          </Text>
          <Button variant="default" size="compact-sm" onClick={() => void list.refetch()}>
            Try again
          </Button>
        </Stack>
      ) : !list.data ? (
        <Loader size="sm" mx="md" aria-label="Loading" />
      ) : found.length === 0 ? (
        <Text size="sm" c="dimmed" px="md">
          {search === '' ? 'No conversation yet. Ask something below.' : 'No conversation has this in it.'}
        </Text>
      ) : (
        <ul ref={rows} className="conversations" aria-label="Conversations">
          {found.map((context) => (
            <li key={context.id} className="conversation-item" data-open={context.id === openId}>
              {renaming === context.id ? (
                <RenameForm tenant={tenant} context={context} onDone={() => setRenaming(undefined)} />
              ) : (
                <button
                  type="button"
                  className="conversation-open"
                  aria-current={context.id === openId}
                  onClick={() => onOpen(context.id)}
                  onKeyDown={({ key }) => key === 'F2' && setRenaming(context.id)}
                >
                  <span className="conversation-title">
                    <bdi>{context.title || 'Untitled'}</bdi>
                  </span>
                  <span className="conversation-sub">
                    <State context={context} running={running} />
                  </span>
                </button>
              )}
              {menuOf === context.id ? (
                <ContextMenu
                  tenant={tenant}
                  context={context}
                  label={`More: ${context.title || 'Untitled'}`}
                  isOpen
                  onRename={() => setRenaming(context.id)}
                />
              ) : (
                // A menu is made for the one that is asked for, not for each of very many.
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-haspopup="menu"
                  aria-label={`More: ${context.title || 'Untitled'}`}
                  onClick={() => setMenuOf(context.id)}
                >
                  <IconDots size={18} aria-hidden />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function State({ context, running }: { context: Context; running: readonly Task[] }) {
  const isRunning = running.some(({ contextId }) => contextId === context.id);
  return (
    <>
      {isRunning && (
        <>
          <span className="at-work">at work</span>
          {' · '}
        </>
      )}
      <Ago at={context.updated} />
    </>
  );
}
