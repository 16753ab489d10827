import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModelEndpoint } from '../../api/index.ts';
import { client, queryClient, trpc } from '../connection.ts';
import { ModelForm } from './model-form.tsx';
import { kindOf, kinds } from './model-kinds.ts';
import { RemoveButton } from './remove-button.tsx';
import { SettingsList } from './settings-list.tsx';
import { TestResult } from './test-result.tsx';

type Listed = ModelEndpoint & { hasKey: boolean };

/** Where language models are reached. */
export function ModelsSettings() {
  const models = useQuery({ ...trpc.agentSettings.models.queryOptions(), staleTime: 0 });
  /** The id of the one that is changed, or `new`. */
  const [editing, setEditing] = useState<string>();
  const done = () => {
    setEditing(undefined);
    void queryClient.invalidateQueries(trpc.agentSettings.models.pathFilter());
    void queryClient.invalidateQueries(trpc.assistant.models.pathFilter());
  };
  return (
    <Stack gap="md">
      <Text size="sm">
        The offline rules are always there and need no network. Add a model that runs on this computer, or one of a provider: what
        you ask it, and what it reads in the directory for that, is sent to its address.
      </Text>
      <SettingsList query={models} label="Models" empty="No model has been added yet.">
        {(one) => (
          <li key={one.id} className="settings-item">
            {editing === one.id ? (
              <ModelForm kept={one} onDone={done} onCancel={() => setEditing(undefined)} />
            ) : (
              <Endpoint endpoint={one} onChange={() => setEditing(one.id)} onRemoved={done} />
            )}
          </li>
        )}
      </SettingsList>
      {editing === 'new' ? (
        <div className="settings-item">
          <ModelForm onDone={done} onCancel={() => setEditing(undefined)} />
        </div>
      ) : (
        <Group>
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEditing('new')}>
            Add a model
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Endpoint({ endpoint, onChange, onRemoved }: { endpoint: Listed; onChange: () => void; onRemoved: () => void }) {
  const { id, hasKey, ...rest } = endpoint;
  const test = useMutation({ mutationFn: () => client.agentSettings.testModel.mutate({ ...rest, id }) });
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <div className="settings-name">
          <Text size="sm" fw={600} className="wraps">
            <bdi>{endpoint.name}</bdi>
          </Text>
          <Text size="xs" c="dimmed" className="wraps">
            {kinds[kindOf(endpoint)].label}, {endpoint.baseUrl}
            {hasKey ? ', with a key' : ', without a key'}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Test connection: ${endpoint.name}`}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            Test connection
          </Button>
          <Button variant="default" size="compact-sm" aria-label={`Change: ${endpoint.name}`} onClick={onChange}>
            Change
          </Button>
          <RemoveButton
            label="Remove"
            name={endpoint.name}
            question="Remove it, with its key?"
            onRemove={async () => {
              await client.agentSettings.removeModel.mutate({ id });
              onRemoved();
            }}
          />
        </Group>
      </Group>
      <Group gap={6}>
        {endpoint.models.map(({ name }) => (
          <Badge key={name} variant="default" fw={400}>
            {name}
          </Badge>
        ))}
      </Group>
      <TestResult test={test} />
    </Stack>
  );
}
