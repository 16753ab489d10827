import { Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Permission } from '../../api/index.ts';
import { Ago } from '../ago.tsx';
import { toolWords } from '../agent/tool-words.ts';
import { client, queryClient, trpc } from '../connection.ts';
import { RemoveButton } from './remove-button.tsx';
import { SettingsList } from './settings-list.tsx';

/** What the agent may do in a tenant without asking, since the person once said “always”. */
export function PermissionsSettings({ tenant, tenantName }: { tenant: string; tenantName: string }) {
  const permissions = useQuery({ ...trpc.agentSettings.permissions.queryOptions({ tenant }), staleTime: 0 });
  return (
    <Stack gap="md">
      <Text size="sm">
        What you have allowed for good in <bdi>{tenantName}</bdi>, by answering “Always”. The policy of the tenant stands above
        it. What you take back is asked again.
      </Text>
      <SettingsList query={permissions} label="Permissions" empty="Nothing: the agent asks each time.">
        {(permission) => (
          <li key={permission.tool} className="settings-item">
            <Group justify="space-between" gap="xs">
              <div className="settings-name">
                <Text size="sm" fw={600} className="wraps">
                  {titleOf(permission)}
                </Text>
                <Text size="xs" c="dimmed" className="wraps">
                  {permission.tool}, allowed <Ago at={permission.since} />
                </Text>
              </div>
              <RemoveButton
                label="Take back"
                name={titleOf(permission)}
                question="Ask again from now on?"
                onRemove={async () => {
                  await client.agentSettings.removePermission.mutate({ tenant, tool: permission.tool });
                  await queryClient.invalidateQueries(trpc.agentSettings.permissions.pathFilter());
                }}
              />
            </Group>
          </li>
        )}
      </SettingsList>
    </Stack>
  );
}

function titleOf({ tool }: Permission): string {
  const [server = '', ...rest] = tool.split('/');
  const name = rest.join('/');
  return server === 'tandem' ? (toolWords[name]?.title ?? name) : `${name} of ${server}`;
}
