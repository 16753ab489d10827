import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConnectedClient } from '../../api/index.ts';
import { client as api, messageOf, trpc } from '../connection.ts';
import { HistoryTimeline } from '../history/timeline.tsx';
import { Picker } from '../people/picker.tsx';
import { listOf } from '../words.ts';
import { useChange } from './use-change.ts';

interface Props {
  agent: ConnectedClient['agents'][number];
  /** What the client is called. */
  name: string;
  tenantName: string;
}

/** A client in one tenant: the switch that cuts it off, who answers for it, and what happened to it. */
export function ClientEntry({ agent: { tenant, id, active }, name, tenantName }: Props) {
  const shown = useQuery(trpc.clients.agent.queryOptions({ tenant, id }));
  const change = useChange();
  const [part, setPart] = useState<'owner' | 'history'>();
  const toggle = (wanted: typeof part) => setPart(part === wanted ? undefined : wanted);
  const turn = (to: boolean) =>
    change.mutate({
      change: () => api.clients.setAgent.mutate({ tenant, id, active: to }),
      told: to ? `${name} may come in again` : `${name} is turned off`,
    });
  const { owners = [], version } = shown.data ?? {};
  return (
    <section className="client-entry" aria-label={`In ${tenantName}`} data-off={!active}>
      <div className="client-entry-head">
        <Text size="sm">
          <strong>{tenantName}</strong>: {active ? 'may come in.' : 'turned off. Nothing gets through, and it cannot sign in.'}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          loading={change.isPending}
          onClick={() => turn(!active)}
          aria-label={`Turn ${active ? 'off' : 'on'} in ${tenantName}`}
        >
          {active ? 'Turn off' : 'Turn on'}
        </Button>
      </div>
      <Group gap="xs" justify="space-between">
        <Text size="sm" className="wraps">
          Owner:{' '}
          {owners.length === 0 ? (
            <Text span c="dimmed">
              nobody
            </Text>
          ) : (
            listOf(
              owners.map((owner) => owner.name ?? 'somebody who is not here any more'),
              5,
            )
          )}
        </Text>
        <Group gap="xs">
          <Button size="compact-sm" variant="default" aria-expanded={part === 'owner'} onClick={() => toggle('owner')}>
            {owners.length === 0 ? 'Choose an owner' : 'Change the owner'}
          </Button>
          <Button size="compact-sm" variant="default" aria-expanded={part === 'history'} onClick={() => toggle('history')}>
            History
          </Button>
        </Group>
      </Group>
      {part === 'owner' && version !== undefined && (
        <Group align="flex-end" gap="xs" mt="xs">
          <div className="client-owner">
            <Picker
              tenant={tenant}
              kind="person"
              label="Who answers for it"
              value={owners.length === 1 ? (owners[0]?.id ?? '') : ''}
              onChange={(owner) =>
                change.mutate({
                  change: async () => {
                    await api.clients.setAgent.mutate({ tenant, id, owners: [owner], expectedVersion: version });
                    setPart(undefined);
                  },
                  told: 'The owner is changed',
                })
              }
            />
          </div>
          {owners.length > 0 && (
            <Button
              variant="default"
              onClick={() =>
                change.mutate({
                  change: async () => {
                    await api.clients.setAgent.mutate({ tenant, id, owners: [], expectedVersion: version });
                    setPart(undefined);
                  },
                  told: 'Nobody owns it any more',
                })
              }
            >
              Nobody
            </Button>
          )}
        </Group>
      )}
      {part === 'history' && (
        <div className="client-history">
          <HistoryTimeline tenant={tenant} type="Agent" id={id} name={name} />
        </div>
      )}
      {(change.error ?? shown.error) && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(change.error ?? shown.error)}
        </Text>
      )}
    </section>
  );
}
