import { Button, Code, Group, Input, Loader, Modal, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { About, ClientStatus } from '../../api/index.ts';
import type { Tenant } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { ClientCard } from './client-card.tsx';
import './connect.css';

const everyMs = 2000;

interface Props {
  about: About;
  tenants: readonly Tenant[];
  /** The one that the window shows. */
  tenant: string;
  opened: boolean;
  /** Another one was chosen for the client. */
  onTenant: (tenant: string) => void;
  onClose: () => void;
}

/** How AI clients are connected: a card for each, with what it needs and whether it is there. */
export function ConnectDialog({ opened, onClose, ...props }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Connect an AI client" size={880}>
      <Screen key={props.tenant} {...props} />
    </Modal>
  );
}

function Screen({ about, tenants, tenant: shown, onTenant }: Omit<Props, 'opened' | 'onClose'>) {
  const [tenant, setTenant] = useState(shown);
  const [readOnly, setReadOnly] = useState(false);
  const choice = { tenant, readOnly };
  const guides = useQuery({ ...trpc.connect.guides.queryOptions(choice), placeholderData: (before) => before });
  const status = useQuery({ ...trpc.connect.status.queryOptions(), refetchInterval: everyMs, refetchOnMount: 'always' });
  const clients = status.data ?? [];
  return (
    <Stack gap="md">
      <Group gap="md" align="flex-end">
        <Select
          label="Tenant"
          w={220}
          data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          value={tenant}
          onChange={(value) => {
            if (value === null) return;
            setTenant(value);
            onTenant(value);
          }}
          allowDeselect={false}
        />
        <div>
          <Input.Label component="div" className="connect-label" id="connect-may">
            The client may
          </Input.Label>
          <SegmentedControl
            aria-labelledby="connect-may"
            value={readOnly ? 'see' : 'change'}
            onChange={(value) => setReadOnly(value === 'see')}
            data={[
              { value: 'change', label: 'See and change people' },
              { value: 'see', label: 'Only see people' },
            ]}
          />
        </div>
        <Text size="sm" className="connect-overall" role="status">
          {overallText(clients)}
        </Text>
      </Group>
      {guides.error && (
        <Group>
          <Text size="sm" role="alert">
            {messageOf(guides.error)}
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => void guides.refetch()}>
            Try again
          </Button>
        </Group>
      )}
      {!guides.data && !guides.error && <Loader aria-label="Loading" />}
      {guides.data?.map((guide) => (
        <ClientCard
          key={guide.kind}
          guide={guide}
          clients={clients.filter(({ kind }) => kind === guide.kind)}
          choice={choice}
          tenants={tenants}
          shell={about.shell}
        />
      ))}
      <Text size="sm">
        A client that signs in asks for access the first time. You allow it here and choose its tenant, or on its page in a
        browser with this sign-in code: <Code fz="sm">{about.signInCode}</Code>
      </Text>
      <Text size="xs" c="dimmed" className="wraps">
        {about.keychain.detail} The directory is in {about.dataDir}.
      </Text>
    </Stack>
  );
}

function overallText(clients: readonly ClientStatus[]): string {
  const asking = clients.filter(({ state }) => state === 'asking').length;
  const here = clients.filter(({ state }) => state === 'connected').length;
  const parts = [
    ...(here > 0 ? [`${here} ${here === 1 ? 'client' : 'clients'} connected`] : []),
    ...(asking > 0 ? [`${asking} ${asking === 1 ? 'asks' : 'ask'} for access`] : []),
  ];
  return parts.join(', ') || 'No client is connected';
}
