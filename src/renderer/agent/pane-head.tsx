import { ActionIcon, Group, Title, Tooltip } from '@mantine/core';
import { IconMessages, IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Context, ContextNode } from '../../api/index.ts';
import { ContextMenu } from './context-menu.tsx';
import { RenameForm } from './rename-form.tsx';
import { useRunning } from './use-running.ts';

interface Props {
  tenant: string;
  context: Context | undefined;
  nodes: readonly ContextNode[];
  isListing: boolean;
  onListing: (isListing: boolean) => void;
  onNew: () => void;
}

/** What the pane shows, and the way to the other conversations. */
export function PaneHead({ tenant, context, isListing, onListing, onNew }: Props) {
  const [isRenaming, setRenaming] = useState(false);
  const running = useRunning(tenant);
  const elsewhere = running.filter(({ contextId }) => contextId !== context?.id).length;
  const label = elsewhere === 0 ? 'Conversations' : `Conversations, ${elsewhere} at work`;
  return (
    <div className="agent-head">
      <Tooltip label={isListing ? 'Back to the conversation' : label}>
        <ActionIcon
          variant="subtle"
          size="lg"
          className="inbox-button"
          aria-label={isListing ? 'Back to the conversation' : label}
          aria-expanded={isListing}
          onClick={() => onListing(!isListing)}
        >
          {isListing ? <IconX size={18} aria-hidden /> : <IconMessages size={18} aria-hidden />}
          {!isListing && elsewhere > 0 && (
            <span className="agent-count" aria-hidden>
              {elsewhere}
            </span>
          )}
        </ActionIcon>
      </Tooltip>
      {isListing ? (
        <Title order={2} size="h5" className="agent-title">
          Conversations
        </Title>
      ) : isRenaming && context ? (
        <RenameForm tenant={tenant} context={context} onDone={() => setRenaming(false)} />
      ) : (
        <Title order={2} size="h5" className="agent-title" title={context?.title}>
          <bdi>{context ? context.title || 'Untitled' : 'New conversation'}</bdi>
        </Title>
      )}
      <Group gap={2} wrap="nowrap" ml="auto">
        <Tooltip label="New conversation">
          <ActionIcon variant="subtle" size="lg" aria-label="New conversation" onClick={onNew}>
            <IconPlus size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
        {!isListing && context && (
          <ContextMenu tenant={tenant} context={context} label="More" onRename={() => setRenaming(true)} />
        )}
      </Group>
    </div>
  );
}
