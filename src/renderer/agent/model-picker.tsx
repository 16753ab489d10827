import { Menu, Text, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconSettings } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { client, messageOf, trpc } from '../connection.ts';
import { useWantedModel, wantModel } from './current.ts';

interface Props {
  tenant: string;
  id: string | undefined;
  /** The model of the conversation; absent for one that has not begun. */
  modelId: string | undefined;
  onModels: () => void;
}

/** Which model answers here. One that cannot be used says why. */
export function ModelPicker({ tenant, id, modelId, onModels }: Props) {
  const models = useQuery(trpc.assistant.models.queryOptions());
  const wanted = useWantedModel(tenant);
  const choose = useMutation({
    mutationFn: async (chosen: string) => {
      // The next conversation begins with what was chosen last.
      wantModel(tenant, chosen);
      if (id !== undefined) await client.assistant.setModel.mutate({ tenant, id, modelId: chosen });
    },
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
  });
  const all = models.data ?? [];
  const shownId = (choose.isPending ? choose.variables : undefined) ?? modelId ?? wanted ?? all[0]?.id;
  const shown = all.find((model) => model.id === shownId);
  const label = shown?.label ?? shownId ?? '…';
  const isUnusable = models.isSuccess && (shown === undefined || !shown.available);
  return (
    <Menu position="top-start" width={300} withinPortal>
      <Menu.Target>
        <UnstyledButton className="model-picker" aria-label={`Model: ${label}${isUnusable ? ', cannot be used now' : ''}`}>
          {isUnusable && <span className="model-warning" aria-hidden />}
          <span className="model-name">{label}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: 'auto' }}>
        <Menu.RadioGroup
          aria-label="Who answers in this conversation"
          value={shownId ?? ''}
          onChange={(chosen) => choose.mutate(chosen)}
        >
          {all.map((model) => (
            <Menu.RadioItem key={model.id} value={model.id} disabled={!model.available} closeMenuOnClick>
              <span className="wraps">{model.label}</span>
              {model.detail !== undefined && (
                <Text size="xs" c="dimmed" className="wraps">
                  {model.detail}
                </Text>
              )}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconSettings size={16} aria-hidden />} onClick={onModels}>
          Models, servers and permissions …
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
