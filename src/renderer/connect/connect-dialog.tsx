import { Button, Code, CopyButton, Group, Modal, Stack, Tabs, Text } from '@mantine/core';
import type { About } from '../../api/index.ts';

/** How an AI client is connected: the address, and what each client wants to have configured. */
export function ConnectDialog({
  about,
  tenant,
  opened,
  onClose,
}: {
  about: About;
  tenant: string;
  opened: boolean;
  onClose: () => void;
}) {
  const { mcpUrl } = about;
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  const clients = [
    {
      id: 'claude-code',
      name: 'Claude Code',
      text: `claude mcp add --transport http tandem ${mcpUrl}`,
      hint: 'Run this in a terminal.',
    },
    {
      id: 'claude-desktop',
      name: 'Claude Desktop',
      text: json({ mcpServers: { tandem: { ...about.stdio, args: [...about.stdio.args, '--tenant', tenant] } } }),
      hint: 'Settings, Developer, Edit Config.',
    },
    {
      id: 'vs-code',
      name: 'VS Code',
      text: json({ servers: { tandem: { type: 'http', url: mcpUrl } } }),
      hint: 'In .vscode/mcp.json, or with “MCP: Add Server”.',
    },
    { id: 'cursor', name: 'Cursor', text: json({ mcpServers: { tandem: { url: mcpUrl } } }), hint: 'In ~/.cursor/mcp.json.' },
  ];
  return (
    <Modal opened={opened} onClose={onClose} title="Connect an AI client" size="lg">
      <Stack>
        <Copyable label="Address" text={mcpUrl} />
        <Tabs defaultValue="claude-code">
          <Tabs.List>
            {clients.map(({ id, name }) => (
              <Tabs.Tab key={id} value={id}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {clients.map(({ id, text, hint }) => (
            <Tabs.Panel key={id} value={id} pt="sm">
              <Copyable label={hint} text={text} />
            </Tabs.Panel>
          ))}
        </Tabs>
        <Text size="sm">
          The client asks for access the first time; you allow it here, or on its page in a browser with this sign-in code:{' '}
          <Code fz="sm">{about.signInCode}</Code>
        </Text>
        <Text size="xs" c="dimmed">
          {about.keychain.detail} The directory is in {about.dataDir}.
        </Text>
      </Stack>
    </Modal>
  );
}

function Copyable({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={600}>
          {label}
        </Text>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" size="compact-sm" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {text}
      </Code>
    </div>
  );
}
