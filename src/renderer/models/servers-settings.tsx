import { Button, Group, Stack, Switch, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { McpServer } from '../../api/index.ts';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { RemoveButton } from './remove-button.tsx';
import { ServerForm } from './server-form.tsx';
import { SettingsList } from './settings-list.tsx';
import { TestResult } from './test-result.tsx';
import { Tools } from './tools.tsx';

type Listed = McpServer & { hasSecret: boolean };

/** MCP servers beside Tandem's own, whose tools the agent may use. */
export function ServersSettings() {
  const servers = useQuery({ ...trpc.agentSettings.servers.queryOptions(), staleTime: 0 });
  const [editing, setEditing] = useState<string>();
  const refresh = () => queryClient.invalidateQueries(trpc.agentSettings.pathFilter());
  const done = () => {
    setEditing(undefined);
    void refresh();
  };
  return (
    <Stack gap="md">
      <Text size="sm">
        Tandem’s own tools are always there. Those of a server that you add are used only with your permission, one by one.
      </Text>
      <SettingsList query={servers} label="Other MCP servers" empty="No other server has been added.">
        {(one) => (
          <li key={one.id} className="settings-item">
            {editing === one.id ? (
              <ServerForm kept={one} onDone={done} onCancel={() => setEditing(undefined)} />
            ) : (
              <Server server={one} onChange={() => setEditing(one.id)} onChanged={() => void refresh()} />
            )}
          </li>
        )}
      </SettingsList>
      {editing === 'new' ? (
        <div className="settings-item">
          <ServerForm onDone={done} onCancel={() => setEditing(undefined)} />
        </div>
      ) : (
        <Group>
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEditing('new')}>
            Add a server
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Server({ server, onChange, onChanged }: { server: Listed; onChange: () => void; onChanged: () => void }) {
  const { id, hasSecret, ...rest } = server;
  const { connection } = server;
  const test = useMutation({ mutationFn: () => client.agentSettings.testServer.mutate({ ...rest, id }) });
  const enable = useMutation({
    mutationFn: (enabled: boolean) => client.agentSettings.changeServer.mutate({ ...rest, id, enabled }),
    onSuccess: onChanged,
  });
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <div className="settings-name">
          <Text size="sm" fw={600} className="wraps">
            <bdi>{server.name}</bdi>
          </Text>
          <Text size="xs" c="dimmed" className="wraps">
            {connection.kind === 'url' ? connection.url : [connection.command, ...connection.args].join(' ')}
            {hasSecret ? ', with a secret' : ''}
          </Text>
        </div>
        <Group gap="xs">
          <Switch
            label="In use"
            aria-label={`In use: ${server.name}`}
            size="sm"
            checked={enable.isPending ? enable.variables : server.enabled}
            onChange={({ currentTarget }) => enable.mutate(currentTarget.checked)}
          />
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Test connection: ${server.name}`}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            Test connection
          </Button>
          <Button variant="default" size="compact-sm" aria-label={`Change: ${server.name}`} onClick={onChange}>
            Change
          </Button>
          <RemoveButton
            label="Remove"
            name={server.name}
            question="Remove it, with its permissions?"
            onRemove={async () => {
              await client.agentSettings.removeServer.mutate({ id });
              onChanged();
            }}
          />
        </Group>
      </Group>
      {enable.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(enable.error)}
        </Text>
      )}
      <TestResult test={test} />
      <Tools names={test.data?.found ?? []} />
    </Stack>
  );
}
