import { Accordion, Badge, Button, Group, Loader, Modal, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConnectedClient } from '../../api/index.ts';
import type { Tenant } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import { messageOf, trpc } from '../connection.ts';
import { listOf } from '../words.ts';
import { ClientCard } from './client-card.tsx';
import './clients.css';
import { NewApp } from './new-app.tsx';
import { NewKey } from './new-key.tsx';
import { SignInSettings } from './sign-in-settings.tsx';
import { accessOf, registrationLabels } from './words.ts';

const everyMs = 5000;

interface Props {
  opened: boolean;
  tenants: readonly Tenant[];
  /** The one that the window shows. */
  tenant: string;
  onConnect: () => void;
  onClose: () => void;
}

/** Who may come in beside people: AI clients and access keys, with what they do, and the ways to limit and to end that. */
export function ClientsDialog({ opened, tenants, tenant, onConnect, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Clients and access keys" size="xl">
      <Tabs defaultValue="clients" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="clients">Clients</Tabs.Tab>
          <Tabs.Tab value="sign-in">Sign-in and keys</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="clients">
          <ClientList
            tenants={tenants}
            tenant={tenant}
            onConnect={() => {
              onClose();
              onConnect();
            }}
          />
        </Tabs.Panel>
        <Tabs.Panel value="sign-in">
          <SignInSettings />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

function ClientList({ tenants, tenant, onConnect }: Pick<Props, 'tenants' | 'tenant' | 'onConnect'>) {
  const [search, setSearch] = useState('');
  const [adding, setAdding] = useState<'key' | 'app'>();
  const [openId, setOpenId] = useState<string | null>(null);
  const clients = useQuery({ ...trpc.clients.list.queryOptions(), refetchInterval: everyMs });
  const all = clients.data ?? [];
  const words = search.trim().toLowerCase();
  const found = all.filter((client) =>
    [client.name, client.ownName ?? '', ...client.tenants].some((text) => text.toLowerCase().includes(words)),
  );
  return (
    <Stack>
      <Group gap="sm" align="flex-end">
        <TextInput
          flex={{ base: '1 1 100%', sm: '1 1 220px' }}
          aria-label="Search clients"
          placeholder="Search clients"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Button variant="default" onClick={onConnect}>
          Connect an AI client …
        </Button>
        <Button variant="default" onClick={() => setAdding('app')} disabled={adding !== undefined}>
          Register an app
        </Button>
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding('key')} disabled={adding !== undefined}>
          Make a key
        </Button>
      </Group>
      {adding === 'key' && <NewKey tenants={tenants} tenant={tenant} onClose={() => setAdding(undefined)} />}
      {adding === 'app' && <NewApp tenants={tenants} tenant={tenant} onClose={() => setAdding(undefined)} />}
      {clients.error && (
        <Group>
          <Text size="sm" role="alert">
            {messageOf(clients.error)}
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => void clients.refetch()}>
            Try again
          </Button>
        </Group>
      )}
      {!clients.data && !clients.error && <Loader aria-label="Loading" />}
      {clients.data && found.length === 0 && (
        <Text c="dimmed" ta="center" py="lg">
          {all.length === 0
            ? 'Nobody but people has access yet. Connect an AI client, or make a key for a script.'
            : 'No client has this name.'}
        </Text>
      )}
      <Accordion variant="separated" transitionDuration={0} value={openId} onChange={setOpenId} chevronPosition="left" order={3}>
        {found.map((client) => (
          <Accordion.Item key={client.id} value={client.id}>
            <Accordion.Control>
              <Head client={client} />
            </Accordion.Control>
            <Accordion.Panel>
              {openId === client.id && <ClientCard client={client} tenants={tenants} onGone={() => setOpenId(null)} />}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Stack>
  );
}

function Head({ client }: { client: ConnectedClient }) {
  const { name, registration, lastUsed, calls, conflicts, reusedAt, tenants, agents } = client;
  const off = agents.filter(({ active }) => !active);
  return (
    <span className="client-head">
      <span className="client-name">
        <bdi>{name}</bdi>
        <span className="client-kind">
          {registrationLabels[registration]} · {accessOf(client)}
          {tenants.length > 0 && ` · ${tenants.join(', ')}`}
        </span>
      </span>
      {off.length > 0 && (
        <Badge color="gray" variant="outline" size="sm" c="var(--mantine-color-text)">
          {off.length === agents.length ? 'Turned off' : `Off in ${listOf(off.map(({ tenant }) => tenant))}`}
        </Badge>
      )}
      {reusedAt !== undefined && (
        <Badge color="red" variant="outline" size="sm" c="var(--mantine-color-error)">
          Look at this
        </Badge>
      )}
      <span className="client-use">
        {lastUsed === undefined ? 'Never used' : <Ago at={lastUsed} />}
        <span className="client-kind">
          {count(calls, 'call')}, {count(conflicts, 'conflict')}
        </span>
      </span>
    </span>
  );
}

function count(number: number, word: string): string {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;
}
