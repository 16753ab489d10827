import { Anchor, Button, Collapse, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import {
  IconBrandVscode,
  IconChevronDown,
  IconChevronRight,
  IconCursorText,
  IconMessageChatbot,
  IconPlug,
  IconTerminal2,
  type Icon,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { About, ClientGuide, ClientKind, ClientStatus, ConnectChoice } from '../../api/index.ts';
import type { Tenant } from '../../directory/pure.ts';
import { NewKey } from '../clients/new-key.tsx';
import { ShownOnce } from '../clients/shown-once.tsx';
import { client as api, messageOf, queryClient, trpc } from '../connection.ts';
import { ClientStatusLine } from './client-status.tsx';
import { ConnectionTest, useConnectionTest } from './connection-test.tsx';
import { Copyable, CopyableLine } from './copyable.tsx';
import { FileChange } from './file-change.tsx';

const icons: Record<ClientKind, Icon> = {
  'claude-desktop': IconMessageChatbot,
  'claude-code': IconTerminal2,
  'vs-code': IconBrandVscode,
  cursor: IconCursorText,
  other: IconPlug,
};

const hints: Record<ClientKind, string> = {
  'claude-desktop': 'Tandem writes its settings, after you have seen what changes.',
  'claude-code': 'Run this in a terminal, then type /mcp in Claude Code to sign in.',
  'vs-code': 'It asks whether to install Tandem; then it signs in, and you allow it here.',
  cursor: 'It asks whether to install Tandem; then it signs in, and you allow it here.',
  other: 'Any program that speaks MCP: it signs in, or sends an access key that you make.',
};

interface Props {
  guide: ClientGuide;
  clients: readonly ClientStatus[];
  choice: ConnectChoice;
  tenants: readonly Tenant[];
  shell: About['shell'];
}

/** One client: what connects it, whether it is there, and a test of the way that it takes. */
export function ClientCard({ guide, clients, choice, tenants, shell }: Props) {
  const { kind, name, link, command, texts, file, isInstalled } = guide;
  const [isWaiting, wait] = useDisclosure(false);
  const [isOpen, details] = useDisclosure(false);
  const [change, setChange] = useState<'add' | 'remove'>();
  const [isMaking, making] = useDisclosure(false);
  const [key, setKey] = useState<string>();
  const test = useConnectionTest(kind, choice);
  const undo = useUndo(guide);
  const ClientIcon = icons[kind];
  const isAdded = file?.state === 'current' || file?.state === 'other';
  const written = (removed: boolean) => {
    setChange(undefined);
    if (!removed) wait.open();
    notifications.show({
      message: removed
        ? `Tandem is removed from the settings of ${name}. Restart it.`
        : `The settings of ${name} are written. Quit it, and open it again.`,
    });
  };
  return (
    <section className="connect-card" aria-label={name}>
      <div className="connect-head">
        <ClientIcon size={22} stroke={1.5} aria-hidden className="connect-icon" />
        <div className="connect-title">
          <Title order={3} size="h6">
            {name}
            {isInstalled === true && <span className="connect-found">found on this computer</span>}
          </Title>
          <Text size="sm" c="dimmed">
            {hints[kind]}
          </Text>
        </div>
        <Group gap="xs" className="connect-actions">
          {kind === 'claude-desktop' && file && (
            <Button
              disabled={change !== undefined}
              {...(isAdded && { variant: 'default' })}
              onClick={() => setChange(file.state === 'current' ? 'remove' : 'add')}
            >
              {file.state === 'current' ? 'Remove from it …' : file.state === 'other' ? 'Update it …' : `Add to ${name} …`}
            </Button>
          )}
          {link !== undefined && (
            // Electron hands a new window's address to the system; a browser would leave an empty page behind.
            <Button component="a" href={link} {...(shell === 'electron' && { target: '_blank' })} onClick={wait.open}>
              Open in {name}
            </Button>
          )}
          {kind === 'other' && !isMaking && (
            <Button variant="default" onClick={making.open}>
              Make a key …
            </Button>
          )}
        </Group>
      </div>
      <Stack gap="xs" className="connect-body">
        {kind === 'claude-desktop' && isInstalled === false && (
          <Text size="sm">
            It does not seem to be installed for you on this computer. Its settings can be written all the same, for when it is.
          </Text>
        )}
        {file?.state === 'unreadable' && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)" className="wraps">
            {file.problem}
          </Text>
        )}
        {command && <CopyableLine {...command} onCopied={wait.open} />}
        {kind === 'other' && texts[0] && <CopyableLine {...texts[0]} onCopied={wait.open} />}
        {change !== undefined && (
          <FileChange
            key={JSON.stringify([change, choice])}
            guide={guide}
            choice={choice}
            action={change}
            onDone={() => written(change === 'remove')}
            onCancel={() => setChange(undefined)}
          />
        )}
        {isMaking && (
          <NewKey
            tenants={tenants}
            tenant={choice.tenant}
            readOnly={choice.readOnly}
            onMade={(made) => {
              setKey(made);
              making.close();
              wait.open();
            }}
            onClose={making.close}
          />
        )}
        {key !== undefined && (
          <>
            <ShownOnce text={key} onDone={() => setKey(undefined)} />
            <Copyable label="mcp.json with this key" text={texts[2]?.text.replace('YOUR_KEY', key) ?? ''} />
          </>
        )}
        {undo.error && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)" className="wraps">
            {messageOf(undo.error)}
          </Text>
        )}
        {test.run && <ConnectionTest run={test.run} onStop={test.stop} onAgain={test.start} />}
        <div className="connect-foot">
          <ClientStatusLine label={name} clients={clients} isWaiting={isWaiting} />
          <Group gap="md" wrap="nowrap" className="connect-more">
            {file?.canUndo && (
              <Anchor component="button" size="sm" onClick={() => undo.mutate()} disabled={undo.isPending}>
                Undo
              </Anchor>
            )}
            {kind === 'claude-desktop' && file?.state === 'other' && change === undefined && (
              <Anchor component="button" size="sm" onClick={() => setChange('remove')}>
                Remove …
              </Anchor>
            )}
            {!test.run && (
              <Anchor component="button" size="sm" onClick={test.start}>
                Test the connection
              </Anchor>
            )}
            <Anchor component="button" size="sm" aria-expanded={isOpen} onClick={details.toggle}>
              <Group gap={2} wrap="nowrap">
                {isOpen ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
                Other ways
              </Group>
            </Anchor>
          </Group>
        </div>
        <Collapse expanded={isOpen} transitionDuration={0}>
          {isOpen && (
            <Stack gap="sm" pt={4}>
              {kind === 'cursor' && file && change === undefined && (
                <Group gap="xs" justify="space-between">
                  <Text size="sm">Tandem can write the settings of Cursor, and shows first what changes.</Text>
                  <Button
                    size="compact-sm"
                    variant="default"
                    onClick={() => setChange(file.state === 'current' ? 'remove' : 'add')}
                  >
                    {file.state === 'current' ? 'Remove from them …' : 'Add to them …'}
                  </Button>
                </Group>
              )}
              {texts.slice(kind === 'other' ? 1 : 0).map((text) => (
                <Copyable key={text.label} {...text} onCopied={wait.open} />
              ))}
            </Stack>
          )}
        </Collapse>
      </Stack>
    </section>
  );
}

function useUndo({ kind, name }: ClientGuide) {
  return useMutation({
    mutationFn: () => api.connect.undoFile.mutate({ kind }),
    onSuccess: () => notifications.show({ message: `The settings of ${name} are as they were` }),
    onSettled: () => queryClient.invalidateQueries(trpc.connect.guides.pathFilter()),
  });
}
